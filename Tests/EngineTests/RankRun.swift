import Engine
import KernelsCPU
import Model
import Objective
import Recipe
import Tensor
import Testing

/// Runs of a small engine over several ranks, in one process or in one of several.
enum RankRun {
  /// What a process knows after its steps.
  struct Found: Sendable, Equatable {
    var losses: [Losses] = []
    var totals: [Double] = []
    var updated: [Bool] = []
    var norms: [[Double]] = []
    var diagnostics: [StepDiagnostics?] = []
    var state: [String: [Float]] = [:]
    var centers: [String: [Float]] = [:]

    mutating func add(_ outcome: StepOutcome) {
      losses.append(outcome.losses)
      totals.append(outcome.total)
      updated.append(outcome.updated)
      norms.append(outcome.gradientNorms)
      diagnostics.append(outcome.diagnostics)
    }

    mutating func add(_ engine: Engine) {
      for (number, student) in engine.shape.students.enumerated() {
        for part in Engine.Part.allCases {
          state[student.name + part.rawValue] = engine.values(of: part, student: number)
        }
      }
      centers = engine.centers
    }

    /// The parts that differ, by name.
    func differences(from other: Found) -> [String] {
      var names = state.keys.filter { state[$0] != other.state[$0] }
      if losses != other.losses { names.append("losses") }
      if totals != other.totals || updated != other.updated { names.append("totals") }
      if norms != other.norms { names.append("norms") }
      if diagnostics != other.diagnostics { names.append("diagnostics") }
      if centers != other.centers { names.append("centers") }
      return names.sorted()
    }
  }

  /// A kind of run whose bits must not depend on the number of processes.
  struct Way: Sendable, CustomTestStringConvertible {
    var name: String
    var world = 8
    var centering = CenteringMethod.sinkhornKnopp
    var batches = 1
    var isGated = false
    var isTied = false
    var precision = Precision.fp32
    var dropPath = 0.0
    /// Two students of a frozen teacher, whose averages nobody learns from.
    var isDistilled = false
    /// Whether they learn from features alone.
    var hasFeatures = false
    var frozen = FrozenPart.nothing

    var testDescription: String { name }

    static let all = [
      Way(name: "MLP, Sinkhorn-Knopp"),
      Way(
        name: "SwiGLU, tied heads, centering", centering: .centering, isGated: true, isTied: true),
      Way(name: "three micro-batches", world: 4, batches: 3),
      Way(name: "stochastic depth, bfloat16", world: 4, precision: .bf16, dropPath: 0.5),
      Way(name: "distillation", world: 4, isDistilled: true),
      Way(
        name: "distillation from features", world: 4, batches: 2, isDistilled: true,
        hasFeatures: true),
      Way(name: "twelve ranks, no power of two", world: 12, centering: .centering, batches: 2),
    ]
  }

  /// The engine of a process, whose students begin apart from one another.
  static func engine(
    _ way: Way, images: Int, _ kernels: CPUKernels, sharding: Recipe.ShardingStrategy,
    sent: Element
  ) throws -> Engine {
    let engine = try SmallRun.engine(
      images: images, way.centering, world: way.world, kernels: kernels
    ) { shape in
      shape.students[0].network.backbone.isGated = way.isGated
      if way.isTied { shape.students[0].network.ibotHead = nil }
      if way.hasFeatures { shape.learnFromFeatures() }
      if way.isDistilled {
        shape.frozenTeacher = shape.frozenTeacher ?? shape.network
        shape.students = ["a", "b"].map { StudentShape(name: $0, network: shape.network) }
        shape.maskedPatches = shape.counts.global * 16
      }
      shape.frozen = way.frozen
      shape.sharding = sharding
      shape.accumulationSteps = way.batches
      (shape.gathered, shape.reduced) = (sent, sent)
    }
    for number in engine.shape.students.indices.dropFirst() {
      engine.set(.student, to: engine.layout.initialValues(seed: 2), student: number)
      engine.set(.average, to: engine.layout.initialValues(seed: 2), student: number)
    }
    return engine
  }

  /// The input of a rank's micro-batch, which depends on its number in the run alone.
  static func input(_ way: Way, _ shape: EngineShape, batch: Int, isSpoiled: Bool) -> StepInput {
    let images = shape.counts.images
    var input = SmallRun.batch((0..<images).map { batch * images + $0 })
    if isSpoiled { input.localCrops[3] = .nan }
    if way.isDistilled {
      input.masks = nil
    } else {
      input.keep = StochasticDepth.draw(
        rates: [0, way.dropPath], seed: 1, batch: batch + 1, groups: shape.studentGroups)
    }
    return input
  }

  /// Two steps of a process, and what the averages see before, between and after them.
  static func steps(
    _ way: Way, images: Int = 2, _ collectives: any Collectives, threads: Int = 1,
    koleo: Float = 0.3, spoiled rank: Int? = nil,
    sharding: Recipe.ShardingStrategy = .noShard, sent: Element = .fp32
  ) -> Found {
    let pool = WorkerPool(threads: threads)
    defer { pool.stop() }
    let kernels = CPUKernels(pool: pool, precision: way.precision, collectives: collectives)
    guard
      let engine = try? engine(way, images: images, kernels, sharding: sharding, sent: sent)
    else { preconditionFailure("no memory for a small engine") }
    let view = Array(SmallRun.batch([7]).globalCrops.prefix(3 * 16 * 16))
    var found = Found()
    func embed(_ when: Int) {
      for (number, student) in engine.shape.students.enumerated() {
        found.state["\(student.name) features \(when)"] = engine.embed(
          view, by: .average, student: number)
      }
    }
    for step in 0..<2 {
      embed(step)
      let outcome = engine.step(
        SmallRun.values(lr: 1e-3, koleo: koleo, clip: 0.1), batches: way.batches,
        withDiagnostics: true
      ) { turn in
        engine.shape.ranks.local.map { number in
          input(
            way, engine.shape, batch: (step * way.batches + turn) * way.world + number,
            isSpoiled: rank == number)
        }
      }
      found.add(outcome)
    }
    embed(2)
    found.add(engine)
    return found
  }
}
