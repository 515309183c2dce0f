import Kernels
import Model
import Optimiser
import Tensor

/// Student, teacher, objective and optimiser in one planned arena.
///
/// `TrainingStep.swift` is what it does at each step; `EnginePlan` is where everything lies. The
/// trainer's thread alone calls.
package final class Engine {
  private let plan: EnginePlan
  let kernels: any Kernels
  let optimiser: AdamW
  /// Updates that the optimiser has made.
  package internal(set) var updates = 0

  /// Reserves the memory of a plan. Parameters are zero until `initialise` or a checkpoint sets them.
  package init(
    _ plan: consuming EnginePlan, groups: (ParameterLayout) -> ParameterGroups,
    beta1: Double = 0.9, beta2: Double = 0.999, kernels: any Kernels
  ) throws(MemoryError) {
    self.kernels = kernels
    optimiser = AdamW(
      plan.moments, groups: groups(plan.layout), beta1: Float(beta1), beta2: Float(beta2))
    try kernels.reserve(plan.arena)
    plan.teacher.pass.prepare(kernels)
    plan.student.pass.prepare(kernels)
    self.plan = plan
  }

  /// Plans and reserves all memory.
  package convenience init(
    _ shape: EngineShape, groups: (ParameterLayout) -> ParameterGroups, beta1: Double = 0.9,
    beta2: Double = 0.999, kernels: any Kernels
  ) throws(MemoryError) {
    try self.init(
      EnginePlan(shape, roundsActivations: kernels.roundsActivations), groups: groups,
      beta1: beta1, beta2: beta2, kernels: kernels)
  }

  /// Fresh parameters by seed; the teacher begins as the student's copy.
  package func initialise(seed: Int) {
    kernels.upload(layout.initialValues(seed: seed), to: student.parameters)
    kernels.copy(student.parameters, to: teacher.parameters)
  }

  /// Names of the sub-modules whose gradients are clipped, in the order of `StepOutcome`'s norms.
  package var modules: [String] { optimiser.groups.modules.map(\.name) }
}

extension Engine {
  package var shape: EngineShape { plan.shape }
  package var layout: ParameterLayout { plan.layout }
  /// Bytes of the arena.
  package var arenaBytes: Int { plan.arena.bytes }

  var input: PatchInput { plan.input }
  var teacher: Network { plan.teacher }
  var student: Network { plan.student }
  var gradients: Buffer { plan.gradients }
  var gradientPlaces: NetworkParameters { plan.gradientPlaces }
  var dFeatures: Matrix { plan.dFeatures }
  /// The teacher's logits, then its targets.
  var clsTargets: Matrix { plan.targets.cls }
  var patchTargets: Matrix { plan.targets.patch }
  /// The student's logits, those of one part of a head's rows at a time.
  var logits: Buffer { plan.targets.logits }
  var objective: EnginePlan.Objective { plan.objective }
}

extension Engine {
  /// The buffers that a checkpoint keeps, beside the number of updates.
  package enum Part: String, CaseIterable, Sendable {
    case student, teacher
    case expAvg = "exp_avg"
    case expAvgSq = "exp_avg_sq"
    case gradients
  }

  func buffer(_ part: Part) -> Buffer {
    switch part {
    case .student: student.parameters
    case .teacher: teacher.parameters
    case .expAvg: optimiser.expAvg
    case .expAvgSq: optimiser.expAvgSq
    case .gradients: gradients
    }
  }

  /// A part's values, in the layout's order.
  package func values(of part: Part) -> [Float] { kernels.download(buffer(part)) }

  /// Sets a part; `values` are in the layout's order.
  package func set(_ part: Part, to values: [Float]) {
    precondition(values.count == layout.count)
    kernels.upload(values, to: buffer(part))
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
    [("dino", objective.clsCentering.center), ("ibot", objective.patchCentering.center)].compactMap
    { name, place in
      place.map { (name, $0) }
    }
  }

  /// The student's CLS tokens [2·images, D] of the global crops that the last step saw last.
  var studentTokens: [Float] {
    kernels.download(student.pass.features.first(shape.counts.global).buffer)
  }

  /// CLS features [images, D] of the teacher, of views [images, 3, size, size] at the global crops'
  /// size. Between steps; what the last step left in the teacher's pass is gone.
  package func embed(_ views: [Float]) -> [Float] {
    let group = shape.globalCrops
    let patch = shape.network.backbone.patchSize
    let each = 3 * group.patchesEach * patch * patch
    let rows = teacher.pass.clsRows(group: 0)
    var features: [Float] = []
    var start = 0
    while start < views.count {
      let end = min(start + group.count * each, views.count)
      // The pass has a fixed number of crops; the last one is filled up and cut.
      let filling = [Float](repeating: 0, count: group.count * each - (end - start))
      input.load(kernels, Array(views[start..<end]) + filling, group: 0)
      let chunk = teacher.features(
        kernels, patches: [input.patches[0]], masks: [nil], keep: nil, rows: rows)
      features += kernels.download(chunk.first((end - start) / each).buffer)
      start = end
    }
    return features
  }
}
