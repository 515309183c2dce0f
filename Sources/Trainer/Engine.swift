import Kernels
import Model
import Objective
import Optimiser
import Tensor

/// Teacher, students, objective and optimisers in one planned arena.
///
/// The teacher is the average of the one student, or a frozen network that several may share.
/// `TrainingStep.swift` is what it does at each step; this file is what it holds. The trainer's
/// thread alone calls.
package final class Engine {
  package let shape: EngineShape
  let kernels: any Kernels
  /// Bytes of the arena.
  package let arenaBytes: Int

  let input: PatchInput
  let teacher: Network
  let students: [Student]
  /// The teacher's logits, then its targets.
  let clsTargets: Matrix
  let patchTargets: Matrix
  /// A student's logits, those of one part of a head's rows at a time.
  let logits: Buffer
  let clsCentering: Centering
  let patchCentering: Centering

  /// Plans and reserves all memory. Parameters are zero until `initialise` or a checkpoint sets them.
  ///
  /// - Parameter groups: a student's groups of parameters, by its layout.
  package init(
    _ shape: EngineShape, groups: (ParameterLayout) -> ParameterGroups, beta1: Double = 0.9,
    beta2: Double = 0.999, kernels: any Kernels
  ) throws(MemoryError) {
    self.shape = shape
    self.kernels = kernels
    let plan = ArenaPlan()
    input = PatchInput(
      plan, groups: shape.studentGroups, patchSize: shape.teacher.backbone.patchSize)
    let teacher = Network(
      plan, shape.teacher, parameters: plan.buffer(shape.teacher.layout.count),
      groups: [shape.globalCrops], clsRows: shape.counts.global, patchRows: shape.maskedPatches,
      retention: nil)
    let kept = shape.students.map {
      StudentMemory(
        plan, $0, isDistilled: shape.frozenTeacher != nil,
        groups: groups($0.network.layout), betas: (beta1, beta2))
    }
    let retention = shape.retention(kernels)
    // One student learns at a time.
    let students = plan.overlapping(kept.count) { number in
      let student = Student(plan, shape, kept[number], teacher: teacher, retention: retention)
      if number + 1 < kept.count { student.network.pass.planScratch(plan) }
      return student
    }
    let targets = Self.overlap(plan, shape, teacher, students)
    (clsTargets, patchTargets, logits) = (targets.cls, targets.patch, targets.logits)
    clsCentering = Centering(
      plan, method: shape.centering, prototypes: shape.teacher.dinoHead.prototypes)
    patchCentering = Centering(
      plan, method: shape.centering, prototypes: shape.teacher.patchPrototypes)
    (self.teacher, self.students) = (teacher, students)
    arenaBytes = plan.bytes
    try kernels.reserve(plan)
  }

  /// Plans what is needed for a part of a step alone. Targets last from the teacher's pass to the
  /// last student's losses, and the memory of its backward pass is taken up after them; the blocks'
  /// working sets of teacher and students and the logits of a part of a head's rows never meet.
  private static func overlap(
    _ plan: ArenaPlan, _ shape: EngineShape, _ teacher: Network, _ students: [Student]
  ) -> (cls: Matrix, patch: Matrix, logits: Buffer) {
    var places: (cls: Matrix, patch: Matrix, logits: Buffer)!
    var targets: (cls: Matrix, patch: Matrix)!
    plan.overlapping(
      {
        targets = (
          plan.matrix(shape.counts.global, shape.teacher.dinoHead.prototypes),
          plan.matrix(shape.maskedPatches, shape.teacher.patchPrototypes)
        )
      }, { students.last!.network.pass.planScratch(plan) })
    var passes = [teacher.pass] + students.map(\.network.pass)
    if shape.frozenTeacher != nil { passes += students.map(\.average.pass) }
    _ = plan.overlapping(passes.count + 1) { number in
      guard number == passes.count else { return passes[number].planWork(plan) }
      let room = Network.logitsRoom(
        shape.network, clsRows: shape.counts.cls, patchRows: shape.maskedPatches)
      places = (targets.cls, targets.patch, plan.buffer(room))
    }
    return places
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

  /// Where the first student's tensors lie, and those of its average.
  package var layout: ParameterLayout { students[0].layout }

  /// Updates that the first student's optimiser has made.
  package var updates: Int { students[0].updates }
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
      for (name, place) in centerPlaces { centers[name] = kernels.download(place) }
      return centers
    }
    set {
      for (name, place) in centerPlaces {
        if let values = newValue[name] { kernels.upload(values, to: place) }
      }
    }
  }

  private var centerPlaces: [(String, Buffer)] {
    [("dino", clsCentering.center), ("ibot", patchCentering.center)].compactMap { name, place in
      place.map { (name, $0) }
    }
  }

  /// The last student's CLS tokens [2·images, D] of the global crops that the last step saw last.
  var studentTokens: [Float] {
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
    let rows = network.pass.clsRows(group: 0)
    network.pass.prepare(kernels)
    var features: [Float] = []
    var start = 0
    while start < views.count {
      let end = min(start + group.count * each, views.count)
      // The pass has a fixed number of crops; the last one is filled up and cut.
      let filling = [Float](repeating: 0, count: group.count * each - (end - start))
      input.load(kernels, Array(views[start..<end]) + filling, group: 0)
      let chunk = network.features(
        kernels, patches: [input.patches[0]], masks: [nil], keep: nil, rows: rows)
      features += kernels.download(chunk.first((end - start) / each).buffer)
      start = end
    }
    return features
  }
}
