import Kernels
import Model
import Objective
import Optimiser
import Tensor

/// Student, teacher, objective and optimiser in one planned arena.
///
/// `TrainingStep.swift` is what it does at each step; this file is what it holds. The trainer's
/// thread alone calls.
package final class Engine {
  package let shape: EngineShape
  package let layout: ParameterLayout
  let kernels: any Kernels
  /// Bytes of the arena.
  package let arenaBytes: Int

  let input: PatchInput
  let teacher: Network
  let student: Network
  let gradients: Buffer
  /// The teacher's logits, then its targets.
  let clsTargets: Matrix
  let patchTargets: Matrix
  /// The student's logits, those of one part of a head's rows at a time.
  let logits: Buffer
  let gradientPlaces: NetworkParameters
  let dFeatures: Matrix
  let clsCentering: Centering
  let patchCentering: Centering
  let dinoLoss: DinoLoss
  let ibotLoss: IbotLoss
  let koleoLoss: KoLeoLoss
  let optimiser: AdamW
  /// Updates that the optimiser has made.
  package internal(set) var updates = 0

  /// Plans and reserves all memory. Parameters are zero until `initialise` or a checkpoint sets them.
  /// `reserving` false: only plans, to learn what it would take.
  package init(
    _ shape: EngineShape, groups: (ParameterLayout) -> ParameterGroups, beta1: Double = 0.9,
    beta2: Double = 0.999, kernels: any Kernels, reserving: Bool = true
  ) throws(MemoryError) {
    self.shape = shape
    self.kernels = kernels
    let network = shape.network
    let counts = shape.counts
    layout = network.layout
    let plan = ArenaPlan()
    input = PatchInput(
      plan, groups: shape.studentGroups, patchSize: network.backbone.patchSize)
    teacher = Network(
      plan, network, groups: [shape.globalCrops], clsRows: counts.global,
      patchRows: shape.maskedPatches, retention: nil)
    student = Network(
      plan, network, groups: shape.studentGroups, clsRows: counts.cls,
      patchRows: shape.maskedPatches, retention: shape.retention(kernels),
      dropPathRates: shape.dropPathRates)
    let targets = Self.overlap(plan, shape, teacher.pass, student.pass)
    (clsTargets, patchTargets, logits) = (targets.cls, targets.patch, targets.logits)
    gradients = plan.buffer(layout.count)
    gradientPlaces = NetworkParameters(in: gradients, network)
    let width = network.backbone.embedDim
    dFeatures = plan.matrix(counts.cls + shape.maskedPatches, width)
    clsCentering = Centering(
      plan, method: shape.centering, prototypes: network.dinoHead.prototypes)
    patchCentering = Centering(
      plan, method: shape.centering, prototypes: (network.ibotHead ?? network.dinoHead).prototypes)
    dinoLoss = DinoLoss(plan, counts: counts, prototypes: network.dinoHead.prototypes)
    ibotLoss = IbotLoss(plan, maximum: shape.maskedPatches)
    koleoLoss = KoLeoLoss(
      plan, images: counts.images, width: width, crops: shape.koleoCrops)
    optimiser = AdamW(
      plan, groups: groups(layout), count: layout.count, beta1: Float(beta1), beta2: Float(beta2))
    arenaBytes = plan.bytes
    guard reserving else { return }
    try kernels.reserve(plan)
    teacher.pass.prepare(kernels)
    student.pass.prepare(kernels)
  }

  /// Plans what is needed for a part of a step alone. Targets last from the teacher's pass to the
  /// losses, and the memory of the backward pass is taken up after them; the blocks' working sets
  /// of teacher and student and the logits of a part of a head's rows never meet.
  private static func overlap(
    _ plan: ArenaPlan, _ shape: EngineShape, _ teacher: BackbonePass, _ student: BackbonePass
  ) -> (cls: Matrix, patch: Matrix, logits: Buffer) {
    let network = shape.network
    let patchPrototypes = (network.ibotHead ?? network.dinoHead).prototypes
    var places: (cls: Matrix, patch: Matrix, logits: Buffer)!
    var targets: (cls: Matrix, patch: Matrix)!
    plan.overlapping(
      {
        targets = (
          plan.matrix(shape.counts.global, network.dinoHead.prototypes),
          plan.matrix(shape.maskedPatches, patchPrototypes)
        )
      }, { student.planScratch(plan) })
    plan.overlapping(
      { teacher.planWork(plan) }, { student.planWork(plan) },
      {
        let room = Network.logitsRoom(
          network, clsRows: shape.counts.cls, patchRows: shape.maskedPatches)
        places = (targets.cls, targets.patch, plan.buffer(room))
      })
    return places
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
    [("dino", clsCentering.center), ("ibot", patchCentering.center)].compactMap { name, place in
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
