import Kernels
import Model
import Objective
import Optimiser
import Tensor

extension Engine {
  /// A step with one micro-batch of each rank of this process.
  ///
  /// - Parameter withDiagnostics: whether to measure features and targets, too, which costs a little.
  package func step(
    _ inputs: [StepInput], _ values: StepValues, withDiagnostics: Bool = false
  ) -> StepOutcome {
    step(values, batches: 1, withDiagnostics: withDiagnostics) { _ in inputs }
  }

  /// A step of the method, in the paper's order.
  ///
  /// Gradients and losses are means over micro-batches and ranks. KoLeo works on one micro-batch of a rank,
  /// Sinkhorn-Knopp on those of all ranks, clipping on the mean gradient. The host waits for the kernels
  /// once, for losses and gradient norms, which decide on the update; they are global, so that all
  /// processes decide alike.
  ///
  /// - Parameters:
  ///   - batches: the number of micro-batches of a rank, at most the shape's `accumulationSteps`.
  ///   - withDiagnostics: whether to measure features and targets of the first micro-batch.
  ///   - next: returns the micro-batches one after the other, by number from 0, each with an input for
  ///     every rank of this process.
  package func step(
    _ values: StepValues, batches: Int, withDiagnostics: Bool = false,
    next: (Int) throws -> [StepInput]
  ) rethrows -> StepOutcome {
    precondition((1...shape.accumulationSteps).contains(batches))
    var clock = StepClock()
    let flops = kernels.floatingPointOperations
    for student in students { student.gradients.begin(kernels) }
    for rank in scalars.ranks { kernels.fill(rank.all.buffer, with: 0) }
    for number in 0..<batches {
      let inputs = try next(number)
      precondition(inputs.count == shape.ranks.local.count, "not one input for each rank")
      clock.skip()
      let microBatch = MicroBatch(number, of: batches, ranks: shape.ranks.world)
      teacherTargets(inputs, microBatch, temperature: Float(values.teacherTemp))
      clock.lap(\.teacher)
      learn(inputs, microBatch, values.weights, withDiagnostics: withDiagnostics, &clock)
    }
    trace?.phase = "optimiser"
    trace?.mark("norms")
    for student in students { finishGradients(student) }
    readScalars(values, batches: batches, withDiagnostics: withDiagnostics)
    for (number, student) in students.enumerated() where lists.students[number].updated {
      update(student, values, lists.students[number].gradientNorms)
    }
    moveCenters()
    clock.lap(\.optimiser)
    return StepOutcome(
      students: lists.students, times: clock.times,
      flops: kernels.floatingPointOperations - flops)
  }

  /// The teacher's targets for a micro-batch of all ranks.
  private func teacherTargets(
    _ inputs: [StepInput], _ microBatch: MicroBatch, temperature: Float
  ) {
    lists.removeTargets()
    trace?.phase = "teacher"
    teacher.pass.prepare(kernels)
    for (rank, input) in inputs.enumerated() {
      load(input)
      if shape.resizesTargets { teacherInput.load(kernels, input.globalCrops, group: 0) }
      teacherForward(input, rank)
    }
    trace?.mark("targets")
    func makeTargets(_ outputs: [Matrix], _ centering: Centering) {
      centering.targets(
        kernels, outputs, temperature: temperature, updates: targetUpdates, microBatch: microBatch)
    }
    makeTargets(lists.cls, clsCentering)
    makeTargets(lists.patch, patchCentering)
  }

  /// The students' passes over a micro-batch: losses, and gradients, which are summed over all ranks.
  private func learn(
    _ inputs: [StepInput], _ microBatch: MicroBatch, _ weights: LossWeights,
    withDiagnostics: Bool, _ clock: inout StepClock
  ) {
    SumTree.visit(inputs.count) { node in
      let (input, targets) = (inputs[node.first], lists.targets[node.first])
      // With one rank, the teacher's pass has loaded it.
      if inputs.count > 1 { load(input) }
      for (number, student) in students.enumerated() {
        trace?.phase = "student"
        let scalars = scalars.ranks[node.first].students[number]
        let diagnostics = withDiagnostics && microBatch.isFirst ? scalars.diagnostics : nil
        let gradients = student.gradients.enter(kernels, node)
        let features = studentForward(student, input, targets)
        diagnostics?.measure(kernels, features.first(shape.counts.global), targets)
        lossesAndHeadsBackward(
          student, features, targets, gradients, weights.times(Float(microBatch.share)),
          scalars.losses[microBatch.number], diagnostics)
        clock.lap(\.student)
        trace?.phase = "backward"
        student.network.backboneBackward(
          kernels, dFeatures: student.dFeatures.first(features.rows), gradients: gradients,
          of: student.gradients, patches: self.input.patches, frozen: shape.frozen)
        clock.lap(\.backward)
      }
    } add: { from, to in
      for student in students { student.gradients.add(kernels, from, to: to) }
    }
    for student in students { student.gradients.finish(kernels) }
    clock.lap(\.backward)
  }

  /// Cuts the crops into patches, which teacher and students share if theirs have the same size.
  private func load(_ batch: StepInput) {
    input.load(kernels, batch.globalCrops, group: 0)
    if shape.counts.local > 0 { input.load(kernels, batch.localCrops, group: 1) }
  }

  /// The teacher's forward pass over a rank's global crops, without masks, up to the logits. The order of
  /// CLS tokens is swapped, crop 2 of every image first, so that the target of a crop comes from the other
  /// crop, unless the objective compares a crop with itself.
  private func teacherForward(_ batch: StepInput, _ rank: Int) {
    let (images, global) = (shape.counts.images, shape.counts.global)
    lists.compared[rank].choose(
      batch.masks, crops: global, patchesEach: shape.globalCrops.patchesEach)
    lists.rows.removeAll(keepingCapacity: true)
    let first = shape.objective.crossesCrops ? images : 0
    teacher.pass.addClsRows(group: 0, crops: first..<first + images, to: &lists.rows)
    let second = images - first
    teacher.pass.addClsRows(group: 0, crops: second..<second + images, to: &lists.rows)
    teacher.pass.addPatchRows(
      group: 0, shape.resizesTargets ? lists.teacherPatches : lists.compared[rank].patches,
      to: &lists.rows)
    let features = teacher.features(
      kernels, patches: teacherInput.patches, masks: nil, keep: nil, rows: lists.rows)
    let cls = targetPlan.cls(rank)
    let patches = targetPlan.patch(rank, lists.compared[rank].patches.count)
    teacher.logits(kernels, .cls, features.first(global), into: cls)
    teacherPatches(features.rows(global..<features.rows), into: patches)
    lists.cls.append(cls)
    lists.patch.append(patches)
    lists.targets.append(
      TeacherTargets(
        cls: cls, patch: patches, patches: lists.compared[rank],
        clsFeatures: targetPlan.keep(kernels, features.first(global), of: rank)))
  }

  /// The teacher's logits of patches; its features, resized, if its grid is another one than the students'.
  private func teacherPatches(_ features: Matrix, into patches: Matrix) {
    guard shape.resizesTargets else {
      return teacher.logits(kernels, .patch, features, into: patches)
    }
    kernels.resizeGrids(
      features, from: shape.teacherCrops.grid, into: patches, to: shape.globalCrops.grid)
  }

  /// The student's forward pass over masked global crops and local crops, packed. Returns the features of
  /// the CLS tokens of all crops, then those of the patches that iBOT compares.
  private func studentForward(
    _ student: Student, _ batch: StepInput, _ targets: TeacherTargets
  ) -> Matrix {
    let pass = student.network.pass
    pass.prepare(kernels)
    lists.rows.removeAll(keepingCapacity: true)
    for group in pass.groups.indices { pass.addClsRows(group: group, to: &lists.rows) }
    pass.addPatchRows(group: 0, targets.patches.patches, to: &lists.rows)
    return student.network.features(
      kernels, patches: input.patches, masks: batch.masks, keep: batch.keep, rows: lists.rows)
  }

  /// The heads' forward pass, the losses DINO, iBOT and KoLeo, and the heads' backward pass. Losses are
  /// added to their sums, gradients by the heads' parameters to `gradients`; the gradient by the features
  /// is left in `dFeatures`.
  private func lossesAndHeadsBackward(
    _ student: Student, _ features: Matrix, _ targets: TeacherTargets,
    _ gradients: NetworkParameters, _ weights: LossWeights, _ sums: LossSums,
    _ diagnostics: DiagnosticScalars?
  ) {
    let counts = shape.counts
    let dx = student.dFeatures.first(features.rows)
    student.network.headForwardBackward(
      kernels, .cls, features.first(counts.cls), logits: logits, gradients: gradients,
      of: student.gradients, dFeatures: dx.first(counts.cls)
    ) { rows, logits in
      if rows.lowerBound == 0 {
        diagnostics?.measureCopies(kernels, student.network.weights.dinoHead.prototypeDirections)
      }
      diagnostics?.measureAgreement(kernels, logits.first(counts.global), targets)
      student.imageLoss(
        kernels, logits: logits, targets: targets.cls, weight: weights.dino, sums: sums)
    }
    let patches = counts.cls..<features.rows
    student.network.headForwardBackward(
      kernels, .patch, features.rows(patches), logits: logits, gradients: gradients,
      of: student.gradients, dFeatures: dx.rows(patches)
    ) { rows, logits in
      student.ibotLoss(
        kernels, logits: logits, targets: targets.patch.rows(rows),
        shares: targets.patches.shares[rows], weight: weights.ibot, sums: sums)
    }
    student.koleoLoss(
      kernels, features.first(counts.global), weight: weights.koleo,
      dx: dx.first(counts.global), sums: sums)
  }

  /// Completes the gradients, which are summed over all ranks, and takes their norms.
  private func finishGradients(_ student: Student) {
    student.network.finishHeadGradients(kernels, student.gradients)
    for (number, rank) in shape.ranks.local.enumerated() {
      student.addSquaredNorms(
        kernels, rank: rank,
        to: scalars.ranks[number].students[student.number].squaredNorms)
    }
  }

  /// Reads losses, norms and diagnostics of all students, which decides on their updates. This is the
  /// only place in a step where the host waits.
  private func readScalars(_ values: StepValues, batches: Int, withDiagnostics: Bool) {
    scalars.reduce(kernels)
    kernels.read(into: &lists.scalars)
    for student in students {
      lists.students[student.number].take(
        lists.scalars, scalars.sums.students[student.number], student, shape, values.weights,
        normLimits: values.normLimits.isEmpty ? [] : values.normLimits[student.number],
        batches: batches, withDiagnostics: withDiagnostics)
    }
  }

  /// Moves the centers of the targets, unless no student is updated.
  private func moveCenters() {
    guard lists.students.contains(where: \.updated) else { return }
    clsCentering.finish(kernels)
    patchCentering.finish(kernels)
    targetUpdates += 1
  }

  /// Clips the gradients, updates the student by AdamW, and moves its average.
  private func update(_ student: Student, _ values: StepValues, _ norms: [Double]) {
    trace?.mark("AdamW and average")
    student.updates += 1
    let (store, average) = (student.network.store, student.average.store)
    student.optimiser.step(
      kernels, store.owned, gradients: student.gradients.total, average: average.owned,
      norms: norms, number: student.updates, lr: values.lr, lastLayerLr: values.lastLayerLr,
      weightDecay: values.weightDecay, clip: values.clipGrad, momentum: values.momentum)
    store.release()
    average.release()
  }
}
