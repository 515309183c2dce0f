import Kernels
import Model
import Objective
import Optimiser
import Tensor

extension Engine {
  /// One step of the method, in the paper's order, with one batch. `withDiagnostics`: looks at the
  /// targets and features too, which costs a little.
  package func step(
    _ batch: StepInput, _ values: StepValues, withDiagnostics: Bool = false
  ) -> StepOutcome {
    step(values, batches: 1, withDiagnostics: withDiagnostics) { _ in batch }
  }

  /// One step whose gradient is the mean of those of `batches` micro-batches, which `next` gives one
  /// after the other, by number from 0. Losses are means as well; Sinkhorn-Knopp and KoLeo look at one
  /// micro-batch at a time, clipping at the mean gradient, `withDiagnostics` at the first micro-batch.
  ///
  /// The host waits for the kernels once: for losses and gradient norms, which decide on the update.
  /// They are those of all ranks, so that all decide alike.
  ///
  /// - Parameter batches: at most the shape's `accumulationSteps`.
  package func step(
    _ values: StepValues, batches: Int, withDiagnostics: Bool = false,
    next: (Int) throws -> StepInput
  ) rethrows -> StepOutcome {
    precondition((1...shape.accumulationSteps).contains(batches))
    var clock = StepClock()
    let flops = kernels.floatingPointOperations
    zeroGradients()
    teacher.prepare(kernels)
    for number in 0..<batches {
      let batch = try next(number)
      clock.skip()
      let microBatch = MicroBatch(number, of: batches, ranks: kernels.collectives.world)
      load(batch)
      let targets = teacherForward(batch, microBatch, temperature: Float(values.teacherTemp))
      clock.lap(\.teacher)
      for student in students {
        let diagnostics =
          withDiagnostics && microBatch.isFirst ? student.scalars.diagnostics : nil
        let features = studentForward(student, batch, targets)
        diagnostics?.measure(kernels, features.first(shape.counts.global), targets)
        lossesAndHeadsBackward(
          student, features, targets, microBatch, values.weights, diagnostics)
        clock.lap(\.student)
        backboneBackward(student, features)
        clock.lap(\.backward)
      }
    }
    for student in students { finishGradients(student) }
    readScalars(values.weights, batches: batches, withDiagnostics: withDiagnostics)
    for (number, student) in students.enumerated() where lists.students[number].updated {
      update(student, values, lists.students[number].gradientNorms)
    }
    moveCenters()
    clock.lap(\.optimiser)
    return StepOutcome(
      students: lists.students, times: clock.times,
      flops: kernels.floatingPointOperations - flops)
  }

  /// Gradients, losses and all else that a step adds up begin at zero.
  private func zeroGradients() {
    for student in students { kernels.fill(student.gradients, with: 0) }
    kernels.fill(scalars.buffer, with: 0)
  }

  /// Crops to patches, shared by teacher and students.
  private func load(_ batch: StepInput) {
    input.load(kernels, batch.globalCrops, group: 0)
    if shape.counts.local > 0 { input.load(kernels, batch.localCrops, group: 1) }
  }

  /// The teacher sees the whole global crops. Its CLS tokens come swapped, crop 2 of every image first:
  /// the target of crop 1 is what the teacher sees in crop 2, and the reverse.
  private func teacherForward(
    _ batch: StepInput, _ microBatch: MicroBatch, temperature: Float
  ) -> TeacherTargets {
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
    clsCentering.targets(
      kernels, clsTargets, temperature: temperature, microBatch: microBatch)
    patchCentering.targets(kernels, patches, temperature: temperature, microBatch: microBatch)
    return TeacherTargets(
      cls: clsTargets, patch: patches, patches: lists.compared,
      clsFeatures: features.first(global))
  }

  /// A student sees global crops, masked where there are masks, and local crops, packed. Gives the
  /// features of all crops' CLS tokens, then those of the compared patches.
  private func studentForward(
    _ student: Student, _ batch: StepInput, _ targets: TeacherTargets
  ) -> Matrix {
    let pass = student.network.pass
    student.network.prepare(kernels)
    lists.rows.removeAll(keepingCapacity: true)
    for group in pass.groups.indices { pass.addClsRows(group: group, to: &lists.rows) }
    pass.addPatchRows(group: 0, targets.patches.patches, to: &lists.rows)
    return student.network.features(
      kernels, patches: input.patches, masks: batch.masks, keep: batch.keep, rows: lists.rows)
  }

  /// DINO and iBOT through their heads, and KoLeo: losses are added to their sums, gradients by the
  /// heads' parameters to the student's, and those by the features are left in `dFeatures`.
  private func lossesAndHeadsBackward(
    _ student: Student, _ features: Matrix, _ targets: TeacherTargets, _ microBatch: MicroBatch,
    _ given: LossWeights, _ diagnostics: DiagnosticScalars?
  ) {
    let weights = given.times(Float(microBatch.share))
    let sums = student.scalars.losses[microBatch.number]
    let counts = shape.counts
    let dx = student.dFeatures.first(features.rows)
    student.network.headForwardBackward(
      kernels, .cls, features.first(counts.cls), logits: logits,
      gradients: student.parameterGradients, dFeatures: dx.first(counts.cls)
    ) { _, logits in
      diagnostics?.measureAgreement(kernels, logits.first(counts.global), targets)
      student.dinoLoss(
        kernels, logits: logits, targets: targets.cls, weight: weights.dino, sums: sums)
    }
    let patches = counts.cls..<features.rows
    student.network.headForwardBackward(
      kernels, .patch, features.rows(patches), logits: logits,
      gradients: student.parameterGradients, dFeatures: dx.rows(patches)
    ) { rows, logits in
      student.ibotLoss(
        kernels, logits: logits, targets: targets.patch.rows(rows),
        shares: targets.patches.shares[rows], weight: weights.ibot, sums: sums)
    }
    student.koleoLoss(
      kernels, features.first(counts.global), weight: weights.koleo,
      dx: dx.first(counts.global), sums: sums)
  }

  private func backboneBackward(_ student: Student, _ features: Matrix) {
    student.network.backboneBackward(
      kernels, dFeatures: student.dFeatures.first(features.rows),
      gradients: student.parameterGradients, patches: input.patches)
  }

  /// After the last micro-batch: whole gradients, summed over the ranks, and their squared norms.
  private func finishGradients(_ student: Student) {
    student.network.finishHeadGradients(kernels, gradients: student.parameterGradients)
    kernels.allReduceSum(student.gradients)
    student.optimiser.addSquaredNorms(
      kernels, student.gradients, to: student.scalars.squaredNorms)
  }

  /// The step's one wait: the host reads losses, norms and diagnostics of all students, and decides on
  /// their updates.
  private func readScalars(_ weights: LossWeights, batches: Int, withDiagnostics: Bool) {
    kernels.allReduceSum(scalars)
    kernels.read(into: &lists.scalars)
    for (number, student) in students.enumerated() {
      lists.students[number].take(
        lists.scalars, student, shape, weights, batches: batches,
        ranks: kernels.collectives.world, withDiagnostics: withDiagnostics)
    }
  }

  /// The targets' centers move, unless the step changed nothing.
  private func moveCenters() {
    guard lists.students.contains(where: \.updated) else { return }
    clsCentering.finish(kernels)
    patchCentering.finish(kernels)
  }

  /// Clipping, AdamW, and the student's average, which is the teacher unless one is frozen.
  private func update(_ student: Student, _ values: StepValues, _ norms: [Double]) {
    student.updates += 1
    student.optimiser.step(
      kernels, student.network.parameters, gradients: student.gradients,
      average: student.average.parameters, norms: norms, number: student.updates, lr: values.lr,
      lastLayerLr: values.lastLayerLr, weightDecay: values.weightDecay, clip: values.clipGrad,
      momentum: values.momentum)
  }
}
