import Engine
import Run
import Support

extension Trainer {
  /// Collects the metrics of a step, records them and returns them. Values that are not finite are
  /// left out.
  ///
  /// - Parameter spent: how this process spent the step.
  func record(
    _ outcome: StepOutcome, _ scheduled: [Metric: Double], _ spent: ProcessStep
  ) -> Sample {
    var values = scheduled
    if recipe.isDistilled {
      values = values.filter { ![.maskRatioMin, .maskRatioMax].contains($0.key) }
    }
    // With several students, the metrics are their means.
    let losses = outcome.meanLosses
    values[.totalLoss] = outcome.mean(\.total)
    values[.dinoLocalCropsLoss] = losses.dinoLocal
    values[.dinoGlobalCropsLoss] = losses.dinoGlobal
    values[.koleoLoss] =
      losses.koleo * scheduled[.koleoLossWeight]! / Double(engine.shape.koleoCrops)
    values[.ibotLoss] = losses.ibot / 2
    if recipe.objective.kind == .codingRate { values[.codingRateLoss] = losses.codingRate }
    addNorms(outcome, to: &values)
    addThroughput(outcome, spent.data, to: &values)
    if !team.isAlone {
      values[.timeNetwork] = spent.network
      values[.bytesSent] = Double(spent.bytesSent)
    }
    addProgress(to: &values)
    if outcome.diagnostics != nil {
      addDiagnostics(outcome, to: &values)
      addRoom(to: &values)
    }
    updateProgress()
    status.timeLeft = values[.timeLeft]
    let now = Clock.wall()
    let sample = Sample(step: step, time: now, values: values.filter { $0.value.isFinite })
    recorder.record(sample)
    // Clients that read only the status need its step, too.
    if now - statusRecorded > 2 {
      statusRecorded = now
      recorder.record(status)
    }
    return sample
  }

  private func addNorms(_ outcome: StepOutcome, to values: inout [Metric: Double]) {
    let norms: [Metric] = [.gradNormBackbone, .gradNormDinoHead, .gradNormIbotHead]
    for (number, metric) in norms.enumerated() where number < outcome.gradientNorms.count {
      values[metric] = outcome.mean { $0.gradientNorms[number] }
    }
  }

  private func addDiagnostics(_ outcome: StepOutcome, to values: inout [Metric: Double]) {
    if recipe.hasPrototypes {
      values[.teacherEntropy] = outcome.mean { $0.diagnostics!.teacherEntropy! }
      values[.prototypesUsed] = outcome.mean { $0.diagnostics!.prototypesUsed! }
      values[.prototypesCopied] = outcome.mean { $0.diagnostics!.prototypesCopied! }
    }
    if outcome.diagnostics?.targetSpread != nil {
      values[.targetSpread] = outcome.mean { $0.diagnostics!.targetSpread! }
    }
    values[.batchTwins] = outcome.mean { $0.diagnostics!.batchTwins }
    values[.effectiveRank] = outcome.mean { $0.diagnostics!.effectiveRank }
    if outcome.diagnostics?.agreement != nil {
      values[.agreement] = outcome.mean { $0.diagnostics!.agreement! }
    }
    guard recipe.isDistilled && recipe.hasPrototypes else { return }
    values[.prototypeAgreement] = outcome.mean { $0.diagnostics!.distillation!.prototypes }
    values[.klCls] = outcome.mean { $0.diagnostics!.distillation!.clsDivergence }
    values[.klPatches] = outcome.mean { $0.diagnostics!.distillation!.patchDivergence }
  }

  private func addThroughput(
    _ outcome: StepOutcome, _ waited: Double, to values: inout [Metric: Double]
  ) {
    let times = outcome.times
    let computed = times.teacher + times.student + times.backward + times.optimiser
    let whole = pace.stepSeconds ?? computed + waited
    values[.timeStep] = whole
    values[.timeData] = waited
    values[.timeTeacher] = times.teacher
    values[.timeStudent] = times.student
    values[.timeBackward] = times.backward
    values[.timeOptimiser] = times.optimiser
    values[.imagesPerSecond] = Double(recipe.imagesPerStep) / whole
    values[.gflops] = outcome.flops / computed * 1e-9
    values[.memoryResident] = ResidentMemory.bytes.map(Double.init)
    values[.memoryArena] = Double(engine.arenaBytes)
  }

  /// Adds what the machine has left for the run.
  private func addRoom(to values: inout [Metric: Double]) {
    values[.memoryAvailable] = engine.kernels.device.availableMemory.map {
      Double($0.availableBytes)
    }
    guard let bytes = checkpointBytes, bytes > 0,
      let free = DiskRoom.free(in: directory.path)
    else { return }
    values[.diskCheckpoints] = Double(free) / Double(bytes)
  }

  private func addProgress(to values: inout [Metric: Double]) {
    values[.phase] = Double(runtime.phase.index)
    values[.phaseProgress] = Double(step - runtime.phase.first + 1) / Double(runtime.phase.steps)
    values[.epoch] = Double(step) / Double(recipe.train.officialEpochLength)
    values[.imagesSeen] = Double(runtime.phase.images(after: step))
    values[.timeLeft] = pace.timeLeft(
      steps: plan.phases.stepsLeft(after: step, frozenTeacher: frozenTeacher?.network))
  }
}
