import Kernels
import Model
import Objective
import Optimiser
import Tensor

/// What a step is given: crops, masks, and what stochastic depth keeps.
package struct StepInput: Sendable {
  /// [2·images, 3, H, W]: crop 1 of every image, then crop 2.
  package var globalCrops: [Float]
  /// [localCrops·images, 3, h, w]
  package var localCrops: [Float]
  /// [2·images, patches]: ones where the student sees the mask token.
  package var masks: [Int32]
  /// nil: every block computes everything.
  package var keep: [KeptSequences]?

  package init(
    globalCrops: [Float], localCrops: [Float], masks: [Int32], keep: [KeptSequences]? = nil
  ) {
    self.globalCrops = globalCrops
    self.localCrops = localCrops
    self.masks = masks
    self.keep = keep
  }
}

/// The scheduled values that a step uses.
package struct StepValues: Sendable, Equatable {
  package var lr: Double
  package var lastLayerLr: Double
  package var weightDecay: Double
  package var momentum: Double
  package var teacherTemp: Double
  package var clipGrad: Double
  package var weights: LossWeights

  package init(
    lr: Double, lastLayerLr: Double, weightDecay: Double, momentum: Double, teacherTemp: Double,
    clipGrad: Double, weights: LossWeights
  ) {
    self.lr = lr
    self.lastLayerLr = lastLayerLr
    self.weightDecay = weightDecay
    self.momentum = momentum
    self.teacherTemp = teacherTemp
    self.clipGrad = clipGrad
    self.weights = weights
  }
}

/// What a step found.
package struct StepOutcome: Sendable {
  package var losses: Losses
  package var total: Double
  /// Norms before clipping, in the order of `Engine.modules`.
  package var gradientNorms: [Double]
  /// False where a loss or gradient was not finite: then nothing was changed.
  package var updated: Bool
  package var times: StepTimes
  package var flops: Double
  package var health: Health?
}

extension Engine {
  /// One step of the method, in the paper's order, with one batch. `withHealth`: looks at the targets
  /// and features too, which costs a little.
  package func step(
    _ batch: StepInput, _ values: StepValues, withHealth: Bool = false
  ) -> StepOutcome {
    step(values, batches: 1, withHealth: withHealth) { _ in batch }
  }

  /// One step whose gradient is the mean of those of `batches` batches, which `next` gives one after
  /// the other, by number from 0. Losses are means as well; Sinkhorn-Knopp and KoLeo look at one
  /// batch at a time, clipping at the mean gradient, `withHealth` at the first batch.
  package func step(
    _ values: StepValues, batches: Int, withHealth: Bool = false,
    next: (Int) throws -> StepInput
  ) rethrows -> StepOutcome {
    var clock = StepClock()
    let flops = kernels.floatingPointOperations
    var losses = Losses()
    var health: Health?
    kernels.fill(gradients, with: 0)
    teacher.beginHeads(kernels)
    student.beginHeads(kernels)
    for number in 0..<batches {
      let batch = try next(number)
      clock.skip()
      let turn = BatchTurn(number, of: batches)
      let found = learn(batch, values, turn, withHealth: withHealth && turn.isFirst, &clock)
      losses.add(found.losses, share: turn.share)
      health = health ?? found.health
    }
    student.finishHeads(kernels, gradients: gradientPlaces)
    let total = losses.total(values.weights)

    let norms = optimiser.gradientNorms(kernels, gradients)
    let isFinite = total.isFinite && norms.allSatisfy(\.isFinite)
    if isFinite { update(values, norms) }
    clock.lap(\.optimiser)

    return StepOutcome(
      losses: losses, total: total, gradientNorms: norms, updated: isFinite, times: clock.times,
      flops: kernels.floatingPointOperations - flops, health: health)
  }

  /// One batch: from crops to losses, and back to the gradients, which are added up.
  private func learn(
    _ batch: StepInput, _ values: StepValues, _ turn: BatchTurn, withHealth: Bool,
    _ clock: inout StepClock
  ) -> (losses: Losses, health: Health?) {
    let masked = MaskedPatches(masks: batch.masks, crops: shape.counts.global)
    load(batch)

    let (taught, targets) = teach(masked, temperature: Float(values.teacherTemp), turn)
    clock.lap(\.teacher)

    let features = study(batch, masked)
    let health = withHealth ? Health(kernels, features, taught, targets.cls) : nil
    let losses = compare(features, targets, masked, values.weights, turn)
    clock.lap(\.student)

    differentiate(features)
    clock.lap(\.backward)
    return (losses, health)
  }

  /// Crops to patches, shared by teacher and student.
  private func load(_ batch: StepInput) {
    input.load(kernels, batch.globalCrops, group: 0)
    if shape.counts.local > 0 { input.load(kernels, batch.localCrops, group: 1) }
  }

  /// The teacher looks at the whole global crops. Its CLS tokens come swapped, crop 2 of every
  /// image first: the target of crop 1 is what the teacher sees in crop 2, and the reverse.
  private func teach(
    _ masked: MaskedPatches, temperature: Float, _ turn: BatchTurn
  ) -> (features: Matrix, targets: (cls: Matrix, patch: Matrix)) {
    let images = shape.counts.images
    let cls = teacher.pass.clsRows(group: 0)
    let features = teacher.features(
      kernels, patches: [input.patches[0]], masks: [nil], keep: nil,
      rows: cls[images...] + cls[..<images]
        + teacher.pass.patchRows(group: 0, masked.patches))
    let global = shape.counts.global
    let patches = patchTargets.first(features.rows - global)
    teacher.logits(kernels, .cls, features.first(global), into: clsTargets)
    teacher.logits(kernels, .patch, features.rows(global..<features.rows), into: patches)
    objective.clsCentering.targets(kernels, clsTargets, temperature: temperature, turn: turn)
    objective.patchCentering.targets(kernels, patches, temperature: temperature, turn: turn)
    return (features.first(global), (clsTargets, patches))
  }

  /// The student looks at masked global crops and at local crops, packed.
  private func study(_ batch: StepInput, _ masked: MaskedPatches) -> Matrix {
    let groups = shape.studentGroups.indices
    return student.features(
      kernels, patches: input.patches, masks: groups.map { $0 == 0 ? batch.masks : nil },
      keep: batch.keep,
      rows: groups.flatMap { student.pass.clsRows(group: $0) }
        + student.pass.patchRows(group: 0, masked.patches))
  }

  /// Losses, their gradients by the features left in `dFeatures`, those of the heads added up.
  private func compare(
    _ features: Matrix, _ targets: (cls: Matrix, patch: Matrix), _ masked: MaskedPatches,
    _ given: LossWeights, _ turn: BatchTurn
  ) -> Losses {
    let weights = given.times(Float(turn.share))
    let counts = shape.counts
    let dx = dFeatures.first(features.rows)
    var losses = Losses()
    student.learn(
      kernels, .cls, features.first(counts.cls), room: logits, gradients: gradientPlaces,
      dFeatures: dx.first(counts.cls)
    ) { _, logits in
      (losses.dinoLocal, losses.dinoGlobal) = objective.dinoLoss(
        kernels, logits: logits, targets: targets.cls, weight: weights.dino)
    }
    let patches = counts.cls..<features.rows
    student.learn(
      kernels, .patch, features.rows(patches), room: logits, gradients: gradientPlaces,
      dFeatures: dx.rows(patches)
    ) { rows, logits in
      losses.ibot += objective.ibotLoss(
        kernels, logits: logits, targets: targets.patch.rows(rows), shares: masked.shares[rows],
        weight: weights.ibot)
    }
    losses.koleo = objective.koleoLoss(
      kernels, features.first(counts.global), weight: weights.koleo, dx: dx.first(counts.global))
    return losses
  }

  private func differentiate(_ features: Matrix) {
    student.backboneBackward(
      kernels, dFeatures: dFeatures.first(features.rows), gradients: gradientPlaces,
      patches: input.patches)
  }

  /// The student learns; the teacher follows it.
  private func update(_ values: StepValues, _ norms: [Double]) {
    updates += 1
    optimiser.step(
      kernels, student.parameters, gradients: gradients, norms: norms, number: updates,
      lr: values.lr, lastLayerLr: values.lastLayerLr, weightDecay: values.weightDecay,
      clip: values.clipGrad)
    kernels.ema(
      teacher.parameters, student: student.parameters, momentum: Float(values.momentum))
  }
}
