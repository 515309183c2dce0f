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
  /// [2·images, patches]: ones where the student sees the mask token, and where iBOT compares. nil:
  /// the student sees whole crops, and iBOT compares all their patches.
  package var masks: [Int32]?
  /// nil: every block computes everything.
  package var keep: [KeptSequences]?

  package init(
    globalCrops: [Float], localCrops: [Float], masks: [Int32]?, keep: [KeptSequences]? = nil
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

/// A batch as students learn from it.
struct Lesson {
  let batch: StepInput
  let turn: BatchTurn
  /// The patches that iBOT compares.
  let compared: MaskedPatches
  /// The teacher's CLS features, swapped as the targets are.
  let taught: Matrix
  /// The targets of CLS tokens [2·images, K] and of the compared patches.
  let cls: Matrix
  let patch: Matrix
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
    for n in students.indices { lists.students[n].begin() }
    for student in students { kernels.fill(student.gradients, with: 0) }
    teacher.begin(kernels)
    for number in 0..<batches {
      let batch = try next(number)
      clock.skip()
      let turn = BatchTurn(number, of: batches)
      load(batch)
      let lesson = teach(batch, turn, temperature: Float(values.teacherTemp))
      clock.lap(\.teacher)
      for (n, student) in students.enumerated() {
        learn(student, lesson, values.weights, withHealth, &lists.students[n], &clock)
      }
    }
    for (n, student) in students.enumerated() { finish(student, values, &lists.students[n]) }
    if lists.students.contains(where: \.updated) {
      clsCentering.finish(kernels)
      patchCentering.finish(kernels)
    }
    clock.lap(\.optimiser)
    return StepOutcome(
      students: lists.students, times: clock.times,
      flops: kernels.floatingPointOperations - flops)
  }

  /// One student with one batch: from crops to losses, and back to the gradients, which are added up.
  private func learn(
    _ student: Student, _ lesson: Lesson, _ weights: LossWeights, _ withHealth: Bool,
    _ found: inout StudentOutcome, _ clock: inout StepClock
  ) {
    student.network.begin(kernels)
    let features = study(student, lesson)
    var health =
      withHealth && lesson.turn.isFirst ? Health(kernels, features, lesson, shape) : nil
    let losses = compare(student, features, lesson, weights, &health)
    found.health = found.health ?? health
    found.losses.add(losses, share: lesson.turn.share)
    clock.lap(\.student)

    differentiate(student, features)
    clock.lap(\.backward)
  }

  /// After the last batch: whole gradients, and an update unless they are not finite.
  private func finish(_ student: Student, _ values: StepValues, _ found: inout StudentOutcome) {
    student.network.finishHeads(kernels, gradients: student.gradientPlaces)
    found.total = found.losses.total(values.weights)
    student.optimiser.addGradientNorms(kernels, student.gradients, to: &found.gradientNorms)
    found.updated = found.total.isFinite && found.gradientNorms.allSatisfy(\.isFinite)
    if found.updated { update(student, values, found.gradientNorms) }
  }

  /// Crops to patches, shared by teacher and students.
  private func load(_ batch: StepInput) {
    input.load(kernels, batch.globalCrops, group: 0)
    if shape.counts.local > 0 { input.load(kernels, batch.localCrops, group: 1) }
  }

  /// The teacher looks at the whole global crops. Its CLS tokens come swapped, crop 2 of every
  /// image first: the target of crop 1 is what the teacher sees in crop 2, and the reverse.
  private func teach(
    _ batch: StepInput, _ turn: BatchTurn, temperature: Float
  ) -> Lesson {
    let (images, global) = (shape.counts.images, shape.counts.global)
    lists.compared.choose(
      batch.masks, crops: global, patchesEach: shape.globalCrops.patchesEach)
    lists.rows.removeAll(keepingCapacity: true)
    teacher.pass.addClsRows(group: 0, crops: images..<global, to: &lists.rows)
    teacher.pass.addClsRows(group: 0, crops: 0..<images, to: &lists.rows)
    teacher.pass.addPatchRows(group: 0, lists.compared.patches, to: &lists.rows)
    let features = teacher.features(
      kernels, patches: input.patches, masks: nil, keep: nil, rows: lists.rows)
    let patches = patchTargets.first(features.rows - global)
    teacher.logits(kernels, .cls, features.first(global), into: clsTargets)
    teacher.logits(kernels, .patch, features.rows(global..<features.rows), into: patches)
    clsCentering.targets(kernels, clsTargets, temperature: temperature, turn: turn)
    patchCentering.targets(kernels, patches, temperature: temperature, turn: turn)
    return Lesson(
      batch: batch, turn: turn, compared: lists.compared, taught: features.first(global),
      cls: clsTargets, patch: patches)
  }

  /// A student looks at global crops, masked where there are masks, and at local crops, packed.
  private func study(_ student: Student, _ lesson: Lesson) -> Matrix {
    let pass = student.network.pass
    lists.rows.removeAll(keepingCapacity: true)
    for group in pass.groups.indices { pass.addClsRows(group: group, to: &lists.rows) }
    pass.addPatchRows(group: 0, lesson.compared.patches, to: &lists.rows)
    return student.network.features(
      kernels, patches: input.patches, masks: lesson.batch.masks, keep: lesson.batch.keep,
      rows: lists.rows)
  }

  /// Losses, their gradients by the features left in `dFeatures`, those of the heads added up.
  private func compare(
    _ student: Student, _ features: Matrix, _ lesson: Lesson, _ given: LossWeights,
    _ health: inout Health?
  ) -> Losses {
    let weights = given.times(Float(lesson.turn.share))
    let counts = shape.counts
    let dx = student.dFeatures.first(features.rows)
    var losses = Losses()
    student.network.learn(
      kernels, .cls, features.first(counts.cls), room: logits, gradients: student.gradientPlaces,
      dFeatures: dx.first(counts.cls)
    ) { _, logits in
      health?.compare(kernels, logits.first(counts.global), lesson)
      (losses.dinoLocal, losses.dinoGlobal) = student.dinoLoss(
        kernels, logits: logits, targets: lesson.cls, weight: weights.dino)
    }
    let patches = counts.cls..<features.rows
    student.network.learn(
      kernels, .patch, features.rows(patches), room: logits, gradients: student.gradientPlaces,
      dFeatures: dx.rows(patches)
    ) { rows, logits in
      losses.ibot += student.ibotLoss(
        kernels, logits: logits, targets: lesson.patch.rows(rows),
        shares: lesson.compared.shares[rows],
        weight: weights.ibot)
    }
    losses.koleo = student.koleoLoss(
      kernels, features.first(counts.global), weight: weights.koleo, dx: dx.first(counts.global))
    health?.compare(kernels, losses, counts, lesson)
    return losses
  }

  private func differentiate(_ student: Student, _ features: Matrix) {
    student.network.backboneBackward(
      kernels, dFeatures: student.dFeatures.first(features.rows),
      gradients: student.gradientPlaces, patches: input.patches)
  }

  /// The student learns; its average, which is the teacher unless one is frozen, follows it.
  private func update(_ student: Student, _ values: StepValues, _ norms: [Double]) {
    student.updates += 1
    student.optimiser.step(
      kernels, student.network.parameters, gradients: student.gradients,
      average: student.average.parameters, norms: norms, number: student.updates, lr: values.lr,
      lastLayerLr: values.lastLayerLr, weightDecay: values.weightDecay, clip: values.clipGrad,
      momentum: values.momentum)
  }
}
