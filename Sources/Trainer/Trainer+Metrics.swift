import Metrics

#if canImport(Glibc)
  import Glibc
#endif

extension Trainer {
  /// Gathers a step's metrics and hands them on; what is not finite is left out.
  func record(_ outcome: StepOutcome, _ scheduled: [Metric: Double], waited: Double) {
    var values = scheduled
    let losses = outcome.losses
    values[.totalLoss] = outcome.total
    values[.dinoLocalCropsLoss] = losses.dinoLocal
    values[.dinoGlobalCropsLoss] = losses.dinoGlobal
    values[.koleoLoss] =
      losses.koleo * scheduled[.koleoLossWeight]! / Double(engine.shape.koleoCrops)
    values[.ibotLoss] = losses.ibot / 2
    let norms: [Metric] = [.gradNormBackbone, .gradNormDinoHead, .gradNormIbotHead]
    for (metric, norm) in zip(norms, outcome.gradientNorms) { values[metric] = norm }
    addThroughput(outcome, waited, to: &values)
    addProgress(to: &values)
    if let health = outcome.health {
      values[.teacherEntropy] = health.teacherEntropy
      values[.prototypesUsed] = health.prototypesUsed
      values[.effectiveRank] = health.effectiveRank
      values[.agreement] = health.agreement
    }
    updateProgress()
    status.timeLeft = values[.timeLeft]
    let now = Clock.wall()
    recorder.record(Sample(step: step, time: now, values: values.filter { $0.value.isFinite }))
    // The status, too, moves on, for those who read it alone.
    if now - statusRecorded > 2 {
      statusRecorded = now
      recorder.record(status)
    }
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
    values[.memoryResident] = Self.residentBytes()
    values[.memoryArena] = Double(engine.arenaBytes)
  }

  private func addProgress(to values: inout [Metric: Double]) {
    values[.phase] = Double(stage.phase.index)
    values[.phaseProgress] = Double(step - stage.phase.first + 1) / Double(stage.phase.steps)
    values[.epoch] = Double(step) / Double(recipe.train.officialEpochLength)
    values[.imagesSeen] = Double(stage.phase.images(after: step))
    values[.timeLeft] = pace.timeLeft(steps: plan.phases.stepsLeft(after: step))
  }

  /// Memory that the process has in use.
  private static func residentBytes() -> Double? {
    guard let file = fopen("/proc/self/statm", "r") else { return nil }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 128)
    guard fgets(&line, Int32(line.count), file) != nil else { return nil }
    let text = line.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    let fields = text.split(separator: " ")
    return fields.count > 1 ? Double(fields[1]).map { $0 * Double(getpagesize()) } : nil
  }
}
