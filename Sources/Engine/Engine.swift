import Kernels
import Model
import Objective
import Optimiser
import Tensor

/// Teacher, students, objective and optimisers in one planned arena.
///
/// The teacher is the average of the one student, or a frozen network that several may share.
/// `TrainingStep.swift` is what it does at each step; `EnginePlan` is where everything lies. The
/// trainer's thread alone calls.
package final class Engine {
  private let plan: EnginePlan
  package let kernels: any Kernels
  let students: [Student]
  /// What a step lists, kept for the room it has.
  let lists: StepLists

  /// Reserves the memory of a plan. Parameters are zero until `initialise` or a checkpoint sets them.
  ///
  /// - Parameter groups: a student's groups of parameters, by its layout.
  package init(
    _ plan: consuming EnginePlan, groups: (ParameterLayout) -> ParameterGroups,
    beta1: Double = 0.9, beta2: Double = 0.999, kernels: any Kernels
  ) throws(MemoryError) {
    self.kernels = kernels
    students = zip(plan.students, plan.scalars.students).map { student, scalars in
      Student(
        student, scalars,
        optimiser: AdamW(
          student.moments, groups: groups(student.layout), beta1: Float(beta1),
          beta2: Float(beta2)))
    }
    lists = StepLists(plan.shape, scalars: plan.scalars.all)
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

  /// Fresh parameters by seed; an average begins as its student's copy.
  package func initialise(seed: Int) {
    for student in students {
      kernels.upload(student.layout.initialValues(seed: seed), to: student.network.parameters)
      kernels.copy(student.network.parameters, to: student.average.parameters)
    }
  }

  /// Names of the sub-modules whose gradients are clipped, in the order of `StepOutcome`'s norms.
  package var modules: [String] { students[0].optimiser.groups.modules.map(\.name) }

  /// Updates that the first student's optimiser has made.
  package var updates: Int { students[0].updates }
}

extension Engine {
  /// The shape that the engine was planned for.
  package var shape: EngineShape { plan.shape }
  /// Where the first student's tensors lie, and those of its average.
  package var layout: ParameterLayout { plan.layout }
  /// Bytes of the arena.
  package var arenaBytes: Int { plan.arena.bytes }

  var input: PatchInput { plan.input }
  var teacher: Network { plan.teacher }
  /// The teacher's logits, then its targets.
  var clsTargets: Matrix { plan.targets.cls }
  var patchTargets: Matrix { plan.targets.patch }
  /// A student's logits, those of one part of a head's rows at a time.
  var logits: Buffer { plan.targets.logits }
  /// Every number that the host reads of a step.
  var scalars: Scalars { plan.scalars.all }
  var clsCentering: Centering { plan.centering.cls }
  var patchCentering: Centering { plan.centering.patch }
}

extension Engine {
  /// The buffers that a checkpoint keeps, beside the number of updates.
  package enum Part: String, CaseIterable, Sendable {
    /// `average` is a student's moving average: where no teacher is frozen, the teacher.
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
    case .gradients: student.gradients
    }
  }

  /// A part's values of a student, by number, in its layout's order; the teacher's in its own.
  package func values(of part: Part, student: Int = 0) -> [Float] {
    kernels.download(buffer(part, of: students[student]))
  }

  /// Sets a part; `values` are in the layout's order.
  package func set(_ part: Part, to values: [Float], student: Int = 0) {
    let target = buffer(part, of: students[student])
    precondition(values.count == target.count)
    kernels.upload(values, to: target)
  }

  /// The moving centers of the targets, where the centering has them.
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

  private var centerBuffers: [(String, Buffer)] {
    [("dino", clsCentering.center), ("ibot", patchCentering.center)].compactMap { name, buffer in
      buffer.map { (name, $0) }
    }
  }

  /// The last student's CLS tokens [2·images, D] of the global crops that the last step saw last.
  package var studentTokens: [Float] {
    kernels.download(students.last!.network.pass.features.first(shape.counts.global).buffer)
  }

  /// CLS features [images, D] of the teacher, or of a student's average, of views
  /// [images, 3, size, size] at the global crops' size. Between steps; what the last step left in
  /// the passes is gone.
  package func embed(_ views: [Float], by part: Part = .teacher, student: Int = 0) -> [Float] {
    let network = part == .teacher ? teacher : students[student].average
    let group = shape.globalCrops
    let patch = shape.network.backbone.patchSize
    let each = 3 * group.patchesEach * patch * patch
    var rows: [Int32] = []
    network.pass.addClsRows(group: 0, to: &rows)
    network.pass.prepare(kernels)
    var features: [Float] = []
    var start = 0
    while start < views.count {
      let end = min(start + group.count * each, views.count)
      // The pass has a fixed number of crops; the last one is filled up and cut.
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
