import Engine
import KernelsCPU
import Objective
import Tensor
import TestSupport
import Testing

@Suite("A step over several ranks")
struct RankStepTests {
  /// What a rank knows after its steps.
  private struct Found: Sendable {
    var outcomes: [StepOutcome] = []
    var gradients: [Float] = []
    var teacher: [Float] = []
    var centers: [String: [Float]] = [:]
  }

  /// Steps of an engine whose batch has the given images, the same in each step.
  private static func steps(
    _ images: [Int], _ centering: CenteringMethod, _ collectives: any Collectives,
    spoiled: Bool = false
  ) -> Found {
    let pool = WorkerPool(threads: 1)
    defer { pool.stop() }
    guard
      let engine = try? SmallRun.engine(
        images: images.count, centering,
        kernels: CPUKernels(pool: pool, collectives: collectives))
    else { preconditionFailure("no memory for a small engine") }
    var batch = SmallRun.batch(images)
    if spoiled { batch.localCrops[3] = .nan }
    var found = Found()
    for _ in 0..<2 {
      found.outcomes.append(
        engine.step(
          batch, SmallRun.values(lr: 1e-3, koleo: 0, clip: 0.1), withDiagnostics: true))
    }
    found.gradients = engine.values(of: .gradients)
    found.teacher = engine.values(of: .teacher)
    found.centers = engine.centers
    return found
  }

  @Test(
    "two ranks with half of the images each learn what one learns with all of them",
    arguments: [CenteringMethod.sinkhornKnopp, .centering])
  func halves(_ centering: CenteringMethod) throws {
    let layout = try SmallRun.engine(images: 4, centering)
    let whole = Self.steps([0, 1, 2, 3], centering, SingleRank())
    let ranks = ThreadRanks(2).run { Self.steps([[0, 1], [2, 3]][$0.rank], centering, $0) }
    for rank in ranks {
      for (found, expected) in zip(rank.outcomes, whole.outcomes) {
        #expect(found.updated && abs(found.total - expected.total) < 1e-5)
        #expect(abs(found.losses.ibot - expected.losses.ibot) < 1e-6)
        #expect(abs(found.losses.dinoLocal - expected.losses.dinoLocal) < 1e-6)
        for (a, b) in zip(found.gradientNorms, expected.gradientNorms) {
          #expect(abs(a - b) < 1e-5 * b)
        }
        let (a, b) = (found.diagnostics!.teacherEntropy, expected.diagnostics!.teacherEntropy)
        #expect(abs(a - b) < 1e-4)
      }
      #expect(SmallRun.worst(layout, rank.gradients, whole.gradients) < 1e-4)
      #expect(SmallRun.worst(layout, rank.teacher, whole.teacher) < 1e-4)
      for (name, center) in whole.centers {
        let differences = zip(try #require(rank.centers[name]), center).map { abs($0 - $1) }
        #expect(differences.max()! < 1e-6 && center.contains { abs($0) > 1e-3 })
      }
    }
    #expect(whole.centers.count == (centering == .centering ? 2 : 0))
    // Both have the same bits.
    #expect(ranks[0].teacher == ranks[1].teacher && ranks[0].gradients == ranks[1].gradients)
    #expect(ranks[0].outcomes[1].losses == ranks[1].outcomes[1].losses)
  }

  @Test("a number that is not finite on one rank keeps all of them from learning")
  func notFinite() {
    let ranks = ThreadRanks(2).run {
      Self.steps([[0, 1], [2, 3]][$0.rank], .sinkhornKnopp, $0, spoiled: $0.rank == 1)
    }
    #expect(ranks.allSatisfy { $0.outcomes.allSatisfy { !$0.updated } })
  }

  /// One rank that notes what is reduced.
  private final class Recorder: Collectives {
    var reductions: [String] = []
    var rank: Int { 0 }
    var world: Int { 1 }

    func allReduceSum(_ values: UnsafeMutableBufferPointer<Float>) {
      reductions.append("sum of \(values.count)")
    }

    func allReduceSum(_ values: UnsafeMutableBufferPointer<Double>) {
      reductions.append("sum of \(values.count) doubles")
    }

    func allReduceMax(_ values: UnsafeMutableBufferPointer<Float>) {
      reductions.append("maximum of \(values.count)")
    }
  }

  @Test(
    "a step reduces what the method sums over all images, and nothing else",
    arguments: [CenteringMethod.sinkhornKnopp, .centering])
  func reductions(_ centering: CenteringMethod) throws {
    let recorder = Recorder()
    let engine = try SmallRun.engine(
      images: 2, centering,
      kernels: CPUKernels(pool: WorkerPool(threads: 1), collectives: recorder))
    _ = engine.step(SmallRun.values(lr: 1e-3), batches: 2) {
      SmallRun.batch([2 * $0, 2 * $0 + 1])
    }
    // Prototypes of CLS tokens and of patches.
    let targets = [30, 24].flatMap { count in
      centering == .centering
        ? ["sum of \(count)"]
        : ["maximum of 1"] + Array(repeating: "sum of \(count)", count: 3)
    }
    // Five losses for each of up to three micro-batches, three norms, six diagnostics.
    let last = ["sum of \(engine.layout.count)", "sum of 24 doubles"]
    #expect(recorder.reductions == targets + targets + last)
  }
}
