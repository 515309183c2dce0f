import Kernels
import Model
import Objective
import Optimiser
import Tensor

extension Engine {
  /// A step with one micro-batch.
  ///
  /// - Parameter withDiagnostics: whether to measure features and targets, too, which costs a little.
  package func step(
    _ batch: StepInput, _ values: StepValues, withDiagnostics: Bool = false
  ) -> StepOutcome {
    step(values, batches: 1, withDiagnostics: withDiagnostics) { _ in batch }
  }

  /// A step of the method, in the paper's order.
  ///
  /// Gradients and losses are means over micro-batches and ranks. Sinkhorn-Knopp and KoLeo work on one
  /// micro-batch at a time, clipping on the mean gradient. The host waits for the kernels once, for
  /// losses and gradient norms, which decide on the update; they are global, so that all ranks decide
  /// alike.
  ///
  /// - Parameters:
  ///   - batches: the number of micro-batches, at most the shape's `accumulationSteps`.
  ///   - withDiagnostics: whether to measure features and targets of the first micro-batch.
  ///   - next: returns the micro-batches one after the other, by number from 0.
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

  /// Sets gradients and scalars to zero, which micro-batches add to.
  private func zeroGradients() {
    for student in students { kernels.fill(student.gradients, with: 0) }
    kernels.fill(scalars.buffer, with: 0)
  }

  /// Cuts the crops into patches, which teacher and students share.
  private func load(_ batch: StepInput) {
    input.load(kernels, batch.globalCrops, group: 0)
    if shape.counts.local > 0 { input.load(kernels, batch.localCrops, group: 1) }
  }

  /// The teacher's forward pass over the global crops, without masks. The order of CLS tokens is swapped,
  /// crop 2 of every image first, so that the target of a crop comes from the other crop.
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

  /// The student's forward pass over masked global crops and local crops, packed. Returns the features of
  /// the CLS tokens of all crops, then those of the patches that iBOT compares.
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

  /// The heads' forward pass, the losses DINO, iBOT and KoLeo, and the heads' backward pass. Losses are
  /// added to their sums, gradients by the heads' parameters to the student's; the gradient by the
  /// features is left in `dFeatures`.
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

  /// Completes the gradients after the last micro-batch: sums them over the ranks and takes their norms.
  private func finishGradients(_ student: Student) {
    student.network.finishHeadGradients(kernels, gradients: student.parameterGradients)
    kernels.allReduceSum(student.gradients)
    student.optimiser.addSquaredNorms(
      kernels, student.gradients, to: student.scalars.squaredNorms)
  }

  /// Reads losses, norms and diagnostics of all students, which decides on their updates. This is the
  /// only place in a step where the host waits.
  private func readScalars(_ weights: LossWeights, batches: Int, withDiagnostics: Bool) {
    kernels.allReduceSum(scalars)
    kernels.read(into: &lists.scalars)
    for (number, student) in students.enumerated() {
      lists.students[number].take(
        lists.scalars, student, shape, weights, batches: batches,
        ranks: kernels.collectives.world, withDiagnostics: withDiagnostics)
    }
  }

  /// Moves the centers of the targets, unless no student is updated.
  private func moveCenters() {
    guard lists.students.contains(where: \.updated) else { return }
    clsCentering.finish(kernels)
    patchCentering.finish(kernels)
  }

  /// Clips the gradients, updates the student by AdamW, and moves its average.
  private func update(_ student: Student, _ values: StepValues, _ norms: [Double]) {
    student.updates += 1
    student.optimiser.step(
      kernels, student.network.parameters, gradients: student.gradients,
      average: student.average.parameters, norms: norms, number: student.updates, lr: values.lr,
      lastLayerLr: values.lastLayerLr, weightDecay: values.weightDecay, clip: values.clipGrad,
      momentum: values.momentum)
  }
}
