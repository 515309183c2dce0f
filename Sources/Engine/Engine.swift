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

  /// Reserves the memory of a plan. Parameters are zero until `initialise` or a checkpoint sets them.
  ///
  /// - Parameter groups: returns a student's groups of parameters for its layout.
  package init(
    _ plan: consuming EnginePlan, groups: (ParameterLayout) -> ParameterGroups,
    beta1: Double = 0.9, beta2: Double = 0.999, kernels: any Kernels
  ) throws(MemoryError) {
    self.kernels = kernels
    students = plan.students.enumerated().map { number, student in
      Student(
        number, student,
        optimiser: AdamW(
          student.moments, groups: groups(student.layout), beta1: Float(beta1),
          beta2: Float(beta2)))
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

  /// Initialises the parameters by a seed; each average begins as a copy of its student.
  package func initialise(seed: Int) {
    for student in students {
      kernels.upload(student.layout.initialValues(seed: seed), to: student.network.parameters)
      kernels.copy(student.network.parameters, to: student.average.parameters)
    }
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

  var input: PatchInput { plan.input }
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
  package enum Part: String, CaseIterable, Sendable {
    /// `average` is a student's moving average, which is the teacher unless a frozen one is given.
    case student, teacher, average
    case expAvg = "exp_avg"
    case expAvgSq = "exp_avg_sq"
    case gradients
  }

  func buffer(_ part: Part, of student: Student) -> Buffer {
    switch part {
    case .student: student.network.parameters
    case .teacher: teacher.parameters
    case .average: student.average.parameters
    case .expAvg: student.optimiser.expAvg
    case .expAvgSq: student.optimiser.expAvgSq
    case .gradients: student.gradients.total.buffer
    }
  }

  /// The values of a part of a student, in the order of the student's layout; those of the teacher in
  /// the order of its own.
  package func values(of part: Part, student: Int = 0) -> [Float] {
    kernels.download(buffer(part, of: students[student]))
  }

  /// Sets a part; `values` are in the order of the layout.
  package func set(_ part: Part, to values: [Float], student: Int = 0) {
    let target = buffer(part, of: students[student])
    precondition(values.count == target.count)
    kernels.upload(values, to: target)
  }

  /// The moving centers of the targets by name, `dino` and `ibot`; empty with Sinkhorn-Knopp.
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
    [("dino", clsCentering.center), ("ibot", patchCentering.center)].compactMap { name, buffer in
      buffer.map { (name, $0) }
    }
  }

  /// The last student's CLS tokens [2·images, D] of the global crops of the last micro-batch.
  package var studentTokens: [Float] {
    kernels.download(students.last!.network.pass.features.first(shape.counts.global).buffer)
  }

  /// The CLS features [images, D] that the teacher or a student's average gives for views
  /// [images, channels, size, size] of the global crops' size. To be called between steps; it overwrites the
  /// activations of the last step.
  package func embed(_ views: [Float], by part: Part = .teacher, student: Int = 0) -> [Float] {
    let network = part == .teacher ? teacher : students[student].average
    let group = shape.globalCrops
    let each = group.patchesEach * shape.network.backbone.patchElements
    var rows: [Int32] = []
    network.pass.addClsRows(group: 0, to: &rows)
    network.pass.prepare(kernels)
    var features: [Float] = []
    var start = 0
    while start < views.count {
      let end = min(start + group.count * each, views.count)
      // The pass has a fixed number of crops: the last one is padded.
      let filling = [Float](repeating: 0, count: group.count * each - (end - start))
      input.load(kernels, Array(views[start..<end]) + filling, group: 0)
      let chunk = network.features(
        kernels, patches: input.patches, masks: nil, keep: nil, rows: rows)
      features += kernels.download(chunk.first((end - start) / each).buffer)
      start = end
    }
    return features
  }
}
