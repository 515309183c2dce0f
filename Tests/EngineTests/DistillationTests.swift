import Engine
import Foundation
import KernelsCPU
import Model
import Objective
import Optimiser
import Store
import Support
import Tensor
import TestSupport
import Testing

@Suite("A frozen teacher teaches students of other shapes")
struct DistillationTests {
  private static let dino = HeadShape(inputs: 0, hidden: 20, bottleneck: 12, prototypes: 30)
  private static let ibot = HeadShape(inputs: 0, hidden: 18, bottleneck: 10, prototypes: 24)

  private static func network(_ width: Int, depth: Int) -> NetworkShape {
    var (dino, ibot) = (dino, ibot)
    dino.inputs = width
    ibot.inputs = width
    return NetworkShape(
      backbone: BackboneShape(
        embedDim: width, depth: depth, numHeads: 2, patchSize: 4, grid: 4, hiddenWidth: 2 * width,
        registers: 1, layerScale: 0.5), dinoHead: dino, ibotHead: ibot)
  }

  private static let small = StudentShape(name: "small", network: network(16, depth: 1))
  private static let large = StudentShape(name: "large", network: network(24, depth: 2))
  private static let teacher = network(32, depth: 3)

  /// An engine with random parameters of its own for each network.
  private func engine(
    _ students: [StudentShape], teacher: NetworkShape = teacher,
    _ centering: CenteringMethod = .sinkhornKnopp
  ) throws -> Engine {
    var shape = EngineShape(
      network: students[0].network, counts: CropCounts(images: 3, localCrops: 2),
      globalCropsSize: 16, localCropsSize: 8, maskedPatches: 6 * 16, centering: centering)
    shape.students = students
    shape.frozenTeacher = teacher
    shape.accumulationSteps = 2
    let engine = try Engine(
      shape,
      groups: {
        ParameterGroups(
          layout: $0, depth: $0.depth, layerwiseDecay: 0.9, patchEmbedLrMult: 0.2)
      }, kernels: CPUKernels(pool: WorkerPool(threads: 2)))
    engine.set(.teacher, to: values(teacher, seed: 1))
    for (number, student) in students.enumerated() {
      for part in [Engine.Part.student, .average] {
        engine.set(part, to: values(student.network, seed: student.name.count), student: number)
      }
    }
    return engine
  }

  private func values(_ network: NetworkShape, seed: Int) -> [Float] {
    var random = CounterRandom(seed: UInt64(seed), use: .test)
    var values = network.layout.initialValues(seed: seed)
    // Between two tensors there are zeros, which no checkpoint has.
    for i in network.layout.parameters.flatMap(\.range) { values[i] += random.normal() * 0.1 }
    return values
  }

  private func batch(_ number: Int) -> StepInput {
    var random = CounterRandom(seed: 8, use: .test, number)
    func numbers(_ count: Int) -> [Float] { (0..<count).map { _ in random.normal() } }
    return StepInput(
      globalCrops: numbers(6 * 3 * 256), localCrops: numbers(6 * 3 * 64), masks: nil)
  }

  private func values(momentum: Double = 0.9) -> StepValues {
    StepValues(
      lr: 1e-3, lastLayerLr: 1e-3, weightDecay: 0.1, momentum: momentum, teacherTemp: 0.06,
      clipGrad: 1, weights: LossWeights())
  }

  private func state(_ engine: Engine, student: Int = 0) -> [[Float]] {
    [Engine.Part.student, .average, .expAvg, .expAvgSq, .gradients].map {
      engine.values(of: $0, student: student)
    }
  }

  @Test("the teacher's parameters keep every bit, the student and its average move")
  func frozen() throws {
    let engine = try engine([Self.small])
    let before = engine.values(of: .teacher)
    let start = engine.values(of: .student)
    for number in 1...3 { _ = engine.step(batch(number), values()) }
    #expect(engine.values(of: .teacher).map(\.bitPattern) == before.map(\.bitPattern))
    #expect(before == values(Self.teacher, seed: 1))
    #expect(engine.values(of: .student) != start && engine.values(of: .average) != start)
    #expect(engine.values(of: .average) != engine.values(of: .student))
  }

  @Test("the average is that of the student's steps, and nothing learns from it")
  func average() throws {
    let (slow, fast) = (try engine([Self.small]), try engine([Self.small]))
    var expected = slow.values(of: .student)
    for number in 1...3 {
      _ = slow.step(batch(number), values(momentum: 0.9))
      _ = fast.step(batch(number), values(momentum: 0.5))
      expected = zip(expected, slow.values(of: .student)).map { 0.9 * $0 + 0.1 * $1 }
    }
    #expect(slow.values(of: .student) == fast.values(of: .student))
    #expect(slow.values(of: .average) != fast.values(of: .average))
    #expect(zip(slow.values(of: .average), expected).allSatisfy { abs($0 - $1) < 1e-6 })
  }

  @Test(
    "students side by side learn to the bit what each learns alone",
    arguments: [1, 2], [CenteringMethod.sinkhornKnopp, .centering])
  func together(batches: Int, centering: CenteringMethod) throws {
    let both = try engine([Self.large, Self.small], centering)
    let alone = [try engine([Self.large], centering), try engine([Self.small], centering)]
    for step in 1...3 {
      func learn(_ engine: Engine) -> StepOutcome {
        // Probes look between steps, with memory that the passes have, too.
        _ = engine.embed(batch(1).globalCrops, by: .average)
        return engine.step(values(), batches: batches) { batch(10 * step + $0) }
      }
      let shared = learn(both)
      for (number, single) in alone.enumerated() {
        let outcome = learn(single)
        #expect(shared.students[number].losses == outcome.losses)
        #expect(shared.students[number].gradientNorms == outcome.gradientNorms)
      }
    }
    for (number, single) in alone.enumerated() {
      let isSame = state(both, student: number) == state(single)
      #expect(isSame, "student \(number)")
    }
  }

  @Test("each network embeds by itself, whatever the others did before")
  func embeds() throws {
    let both = try engine([Self.large, Self.small])
    let views = batch(3).globalCrops
    let apart = [Self.large, Self.small].enumerated().map {
      both.embed(views, by: .average, student: $0.offset)
    }
    #expect(apart.map(\.count) == [6 * 24, 6 * 16])
    #expect(both.embed(views, by: .teacher).count == 6 * 32)
    #expect(both.embed(views, by: .average, student: 0) == apart[0])
    #expect(both.embed(views, by: .average, student: 1) == apart[1])
    #expect(try engine([Self.small]).embed(views, by: .average) == apart[1])
  }

  @Test("a student that is its teacher agrees with it wholly where both see the same crop")
  func agreement() throws {
    let engine = try engine([StudentShape(name: "", network: Self.teacher)], .centering)
    engine.set(.student, to: engine.values(of: .teacher))
    var twins = batch(1)
    let half = twins.globalCrops.count / 2
    twins.globalCrops = Array(repeating: twins.globalCrops[..<half], count: 2).flatMap { $0 }
    var same = values()
    // Of a teacher that is as soft as its student.
    same.teacherTemp = 0.1
    let found = try #require(
      engine.step(twins, same, withDiagnostics: true).diagnostics?.distillation)
    #expect(found.prototypes == 1)
    #expect(abs(found.clsDivergence) < 1e-4 && abs(found.patchDivergence) < 1e-4)
    // Other crops, and a student of another mind.
    let stranger = try self.engine([Self.small])
    let other = try #require(stranger.step(batch(2), same, withDiagnostics: true).diagnostics)
    #expect(try #require(other.distillation).prototypes < 1)
    #expect(try #require(other.distillation).clsDivergence > 0.01)
    #expect(try #require(other.distillation).patchDivergence > 0.01)
    #expect(other.agreement == nil)
  }

  @Test("several students go to a checkpoint and go on from it with the same bits")
  func continued() throws {
    let folder = TemporaryFolder()
    defer { withExtendedLifetime(folder) {} }
    let store = CheckpointStore(directory: folder.path)
    let first = try engine([Self.large, Self.small], .centering)
    for number in 1...2 { _ = first.step(batch(number), values()) }
    let checkpoint = try store.write(step: 2) { (writer) throws(FileError) in
      try first.write(to: writer)
    }
    #expect(
      Set(checkpoint.manifest.files.map(\.name))
        == Set(
          ["student", "average", "optimizer"].flatMap { part in
            ["large", "small"].map { "\(part).\($0).safetensors" }
          }))
    let second = try engine([Self.large, Self.small], .centering)
    try second.load(checkpoint)
    for number in 3...4 {
      _ = first.step(batch(number), values())
      _ = second.step(batch(number), values())
    }
    for student in 0..<2 {
      let isSame = state(first, student: student) == state(second, student: student)
      #expect(isSame, "student \(student)")
    }
    #expect(first.centers == second.centers && first.centers["dino"]?.contains { $0 != 0 } == true)
  }
}
