import Kernels
import Model
import Objective
import Optimiser
import Tensor

/// Teacher, students, objective and optimisers in one planned arena.
///
/// The teacher is the moving average of the only student, or a frozen network that several students
/// share. `TrainingStep.swift` holds the training step, and `EnginePlan` the layout of the memory. Only
/// the trainer's thread calls.
package final class Engine {
  private let plan: EnginePlan
  /// The backend that computes.
  package let kernels: any Kernels
  let students: [Student]
  /// Lists that are reused by every step.
  let lists: StepLists
  /// Records the next step; nil mostly.
  package var trace: StepTrace? {
    didSet {
      teacher.store.trace = trace
      for student in students { student.network.store.trace = trace }
    }
  }
  /// What is open of the state that processes own parts of; nil during steps.
  var window: Window?
  /// How often the means of the teacher's outputs were moved.
  var targetUpdates = 0
  /// Called by process 0 before a call in which the other processes take part.
  package var onCall: ((Call) -> Void)?

  /// Reserves the memory of a plan. Parameters are zero until `initialise` or a checkpoint sets them.
  ///
  /// - Parameter groups: returns a student's groups of parameters for its layout.
  package init(
    _ plan: consuming EnginePlan, groups: (ParameterLayout) -> ParameterGroups,
    beta1: Double = 0.9, beta2: Double = 0.999, kernels: any Kernels
  ) throws(MemoryError) {
    self.kernels = kernels
    students = plan.students.enumerated().map { number, student in
      let store = student.network.store
      let all = groups(student.layout)
      return Student(
        number, student,
        optimiser: AdamW(
          student.moments, groups: store.isSharded ? all.divided(by: store.units) : all,
          beta1: Float(beta1), beta2: Float(beta2)))
    }
    lists = StepLists(plan.shape, scalars: plan.scalars.sums.all)
    try kernels.reserve(plan.arena, for: plan.shape.work)
    self.plan = plan
  }

  /// Plans and reserves all memory.
  package convenience init(
    _ shape: EngineShape, groups: (ParameterLayout) -> ParameterGroups, beta1: Double = 0.9,
    beta2: Double = 0.999, kernels: any Kernels
  ) throws(MemoryError) {
    try self.init(
      EnginePlan(shape, kernels.device), groups: groups,
      beta1: beta1, beta2: beta2, kernels: kernels)
  }

  /// The names of the sub-modules whose gradients are clipped, in the order of `StepOutcome`'s norms.
  package var modules: [String] { students[0].optimiser.groups.modules.map(\.name) }

  /// The number of updates that the first student's optimiser has made.
  package var updates: Int { students[0].updates }
}

extension Engine {
  /// The shape that the engine was planned for.
  package var shape: EngineShape { plan.shape }
  /// The layout of the first student's tensors and of those of its average.
  package var layout: ParameterLayout { plan.layout }
  /// The size of the arena in bytes.
  package var arenaBytes: Int { plan.arena.bytes }
  /// Bytes of the arena by purpose.
  package var ledger: [MemoryPurpose: Int] { plan.ledger }

  var input: PatchInput { plan.input }
  /// The global crops as the teacher's patches.
  var teacherInput: PatchInput { plan.teacherInput ?? plan.input }
  var teacher: Network { plan.teacher }
  /// The teacher's logits, then its targets.
  var targetPlan: TargetPlan { plan.targets }
  /// A student's logits, of one part of a head's rows at a time.
  var logits: Buffer { plan.logits }
  /// All numbers that the host reads in a step.
  var scalars: StepScalars { plan.scalars }
  var clsCentering: Centering { plan.centering.cls }
  var patchCentering: Centering { plan.centering.patch }
}

extension Engine {
  /// The buffers that make up the engine's state, with the number of updates.
  package enum Part: String, CaseIterable, Sendable, Codable {
    /// `average` is a student's moving average, which is the teacher unless a frozen one is given.
    case student, teacher, average
    case expAvg = "exp_avg"
    case expAvgSq = "exp_avg_sq"
    case gradients
  }

  /// A unit of a part of the state that is whole, in the memory where passes gather parameters, while files are
  /// read or written piece by piece.
  struct Window {
    let part: Part
    let student: Int
    let unit: Int
    /// Whether something was written to it that its owners do not have.
    var isChanged = false
  }

  /// The moving means of the teacher's outputs by name, `dino` and `ibot`, and those of their squares,
  /// `dino.square` and `ibot.square`; empty with Sinkhorn-Knopp.
  package var centers: [String: [Float]] {
    get {
      var centers: [String: [Float]] = [:]
      for (name, buffer) in centerBuffers { centers[name] = kernels.download(buffer) }
      return centers
    }
    set {
      for (name, buffer) in centerBuffers {
        if let values = newValue[name] { kernels.upload(values, to: buffer) }
      }
    }
  }

  var centerBuffers: [(String, Buffer)] {
    [
      ("dino", clsCentering.center), ("ibot", patchCentering.center),
      ("dino.square", clsCentering.square), ("ibot.square", patchCentering.square),
    ].compactMap { name, buffer in buffer.map { (name, $0) } }
  }

  /// The last student's CLS tokens [2·images, D] of the global crops of the last micro-batch.
  package var studentTokens: [Float] {
    kernels.download(students.last!.network.pass.features.first(shape.counts.global).buffer)
  }
}
