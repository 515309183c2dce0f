import Engine
import KernelsCPU
import Model
import Objective
import Recipe
import Tensor
import TestSupport
import Testing

@Suite("A step over several ranks")
struct RankStepTests {
  @Test(
    "one process or several compute the same bits, however they divide the parameters",
    arguments: RankRun.Way.all)
  func sameBits(_ way: RankRun.Way) throws {
    let one = RankRun.steps(way, SingleProcess(), threads: 2)
    #expect(one.updated == [true, true])
    for processes in Ranks.processes(for: way.world).dropFirst() {
      for sharding in Recipe.ShardingStrategy.allCases {
        let all = ThreadProcesses(processes).run { RankRun.steps(way, $0, sharding: sharding) }
        for found in all {
          #expect(
            found.differences(from: one) == [], "\(processes) processes, \(sharding.rawValue)")
        }
      }
    }
  }

  @Test("sent as bfloat16, all processes have the same bits, close to those of one")
  func rounded() throws {
    let way = RankRun.Way(name: "", world: 4)
    let layout = try SmallRun.engine(images: 2, .sinkhornKnopp)
    let one = RankRun.steps(way, SingleProcess())
    for sharding in Recipe.ShardingStrategy.allCases {
      func run() -> [RankRun.Found] {
        ThreadProcesses(2).run { RankRun.steps(way, $0, sharding: sharding, sent: .bf16) }
      }
      let (found, again) = (run(), run())
      for other in found.dropFirst() + again { #expect(other.differences(from: found[0]) == []) }
      // It is rounded, and by no more than the eight bits of bfloat16 allow.
      let error = SmallRun.worst(layout, found[0].state["gradients"]!, one.state["gradients"]!)
      #expect(error > 1e-4 && error < 0.05, "\(sharding)")
    }
  }

  @Test(
    "a step sends as many bytes as its shape foretells",
    arguments: Recipe.ShardingStrategy.allCases, [(2, 2, 1), (4, 2, 1), (4, 4, 1), (4, 2, 2)])
  func traffic(_ sharding: Recipe.ShardingStrategy, _ run: (Int, Int, Int)) throws {
    let (world, processes, batches) = run
    for sent in [Element.fp32, .bf16] {
      let found = ThreadProcesses(processes).run { collectives -> [Double] in
        let kernels = CPUKernels(pool: WorkerPool(threads: 1), collectives: collectives)
        let engine = try? SmallRun.engine(
          images: 2, .sinkhornKnopp, world: world, kernels: kernels
        ) {
          $0.sharding = sharding
          ($0.gathered, $0.reduced) = (sent, sent)
          $0.accumulationSteps = batches
          // Deep enough that blocks are gathered again.
          $0.students[0].network.backbone.depth = 5
        }
        guard let engine else { return [] }
        // The second step: nothing is left to be gathered of what was there before the first.
        var bytes = 0
        for _ in 0..<2 {
          let before = collectives.traffic.bytesSent
          _ = engine.step(SmallRun.values(lr: 1e-3), batches: batches) { turn in
            engine.shape.ranks.local.map { SmallRun.batch([2 * $0 + turn, 2 * $0 + 1]) }
          }
          bytes = collectives.traffic.bytesSent - before
        }
        return [Double(bytes), StepTraffic(engine.shape).bytes]
      }
      for bytes in found {
        try #require(bytes.count == 2 && bytes[1] > 0)
        // Losses, norms and the padding of parts are not foretold.
        #expect(abs(bytes[0] / bytes[1] - 1) < 0.02, "\(bytes)")
      }
    }
  }

  @Test("which numbers of processes can share the ranks follows from the tree")
  func processes() {
    #expect(Ranks.processes(for: 1) == [1])
    #expect(Ranks.processes(for: 8) == [1, 2, 4, 8])
    #expect(Ranks.processes(for: 12) == [1, 2, 4, 12])
    #expect(Ranks.processes(for: 7) == [1, 7])
    #expect(!Ranks.allows(3, world: 6) && !Ranks.allows(0, world: 6) && !Ranks.allows(8, world: 4))
  }

  @Test(
    "two ranks with half of the images each learn what one learns with all of them",
    arguments: [CenteringMethod.sinkhornKnopp, .centering])
  func halves(_ centering: CenteringMethod) throws {
    let layout = try SmallRun.engine(images: 4, centering)
    let whole = RankRun.steps(
      RankRun.Way(name: "", world: 1, centering: centering), images: 4, SingleProcess(), koleo: 0)
    let found = RankRun.steps(
      RankRun.Way(name: "", world: 2, centering: centering), SingleProcess(), koleo: 0)
    for step in 0..<2 {
      let (a, b) = (found.losses[step], whole.losses[step])
      #expect(found.updated[step] && abs(found.totals[step] - whole.totals[step]) < 1e-5)
      #expect(abs(a.ibot - b.ibot) < 1e-6 && abs(a.dinoLocal - b.dinoLocal) < 1e-6)
      for (a, b) in zip(found.norms[step], whole.norms[step]) { #expect(abs(a - b) < 1e-5 * b) }
      let entropies = [found, whole].map { $0.diagnostics[step]!.teacherEntropy! }
      #expect(abs(entropies[0] - entropies[1]) < 1e-4)
    }
    for part in ["gradients", "teacher"] {
      #expect(SmallRun.worst(layout, found.state[part]!, whole.state[part]!) < 1e-4)
    }
    for (name, center) in whole.centers {
      let differences = zip(try #require(found.centers[name]), center).map { abs($0 - $1) }
      #expect(differences.max()! < 1e-6 && center.contains { abs($0) > 1e-3 })
    }
    #expect(whole.centers.count == (centering == .centering ? 2 : 0))
  }

  @Test("KoLeo compares the images of one rank, as on a GPU")
  func koleo() throws {
    let found = RankRun.steps(RankRun.Way(name: "", world: 2), SingleProcess())
    let alone = (0..<2).map { rank in
      let engine = try? SmallRun.engine(images: 2, .sinkhornKnopp)
      return engine!.step(SmallRun.batch([2 * rank, 2 * rank + 1]), SmallRun.values()).losses.koleo
    }
    #expect(abs(found.losses[0].koleo - (alone[0] + alone[1]) / 2) < 1e-6)
    #expect(abs(alone[0] - alone[1]) > 1e-3)
  }

  @Test("a number that is not finite on one rank keeps all of them from learning")
  func notFinite() {
    let way = RankRun.Way(name: "", world: 4)
    let processes = ThreadProcesses(2).run { RankRun.steps(way, $0, spoiled: 3) }
    #expect(processes.allSatisfy { $0.updated == [false, false] })
  }

  /// One process that notes what is reduced.
  private final class Recorder: Collectives {
    var reductions: [String] = []
    private let single = SingleProcess()
    var place: ProcessPlace { .only }
    var traffic: LinkTraffic { LinkTraffic() }
    func recordTransfers(_ isOn: Bool) -> [LinkTransfer] { [] }

    func allReduceSum(_ values: UnsafeMutableBufferPointer<Float>, as element: Element) {
      reductions.append("sum of \(values.count)")
    }

    func allReduceSum(_ values: UnsafeMutableBufferPointer<Double>) {
      reductions.append("sum of \(values.count) doubles")
    }

    func allReduceMax(_ values: UnsafeMutableBufferPointer<Float>) {
      reductions.append("maximum of \(values.count)")
    }

    func startReduce(
      _ values: UnsafeBufferPointer<Float>, stride: Int,
      into sums: UnsafeMutableBufferPointer<Float>, isAdded: Bool, as element: Element
    ) -> CollectiveTicket {
      reductions.append("parts of \(values.count)")
      return single.startReduce(
        values, stride: stride, into: sums, isAdded: isAdded, as: element)
    }

    func startGather(
      _ values: UnsafeMutableBufferPointer<Float>, stride: Int, as element: Element,
      after earlier: CollectiveTicket
    ) -> CollectiveTicket {
      reductions.append("gather of \(values.count)")
      return CollectiveTicket()
    }

    func finish(_ ticket: CollectiveTicket) {}

    func broadcast(_ values: UnsafeMutableBufferPointer<Float>) {
      reductions.append("broadcast of \(values.count)")
    }

    func gather(_ bytes: [UInt8]) -> [[UInt8]] { [bytes] }
    func broadcast(_ bytes: [UInt8]) -> [UInt8] { bytes }
  }

  @Test(
    "a step reduces what the method sums over all images, and nothing else",
    arguments: [CenteringMethod.sinkhornKnopp, .centering])
  func reductions(_ centering: CenteringMethod) throws {
    let recorder = Recorder()
    let engine = try SmallRun.engine(
      images: 2, centering, world: 2,
      kernels: CPUKernels(pool: WorkerPool(threads: 1), collectives: recorder))
    _ = engine.step(SmallRun.values(lr: 1e-3), batches: 2) { turn in
      [SmallRun.batch([turn, turn + 1]), SmallRun.batch([turn + 2, turn + 3])]
    }
    // Prototypes of CLS tokens and of patches, then gradients.
    let targets = [30, 24].flatMap { count in
      centering == .centering
        ? ["sum of \(count)"]
        : ["maximum of 1"] + Array(repeating: "sum of \(count)", count: 3)
    }
    let each = targets + ["sum of \(engine.layout.count)"]
    // Five losses for each of up to three micro-batches, three norms, nine diagnostics.
    #expect(recorder.reductions == each + each + ["sum of 30 doubles"])
  }
}
