import Crops
import Run
import Store
import Support

/// What the probe measures and when, and what a run does while images cannot be read.
extension Trainer {
  /// Probes the students if it is time to. Returns whether that was done.
  func probeIfDue() throws -> Bool {
    let every = recipe.probe.every
    guard let probe, every > 0, step % every == 0 || step == plan.totalSteps else { return false }
    return try waitingForData { try evaluate(with: probe) }
  }

  private func evaluate(with probe: Probe) throws {
    for number in engine.shape.students.indices {
      record(try probe.evaluate(engine, student: number), of: probe, student: number)
    }
  }

  /// Measures what the probe compares with, if that has not been done on the images as they are:
  /// before the first step, and when a run goes on with other images.
  func measureBaselines() throws {
    guard let probe, probe.baselines.isEmpty else { return }
    guard step > 0 else {
      guard try waitingForData({ try probe.measureBaselines(engine, isUntrained: true) }) else {
        return
      }
      var values = probe.baselines
      values[.knnLearned] = values[.knnUntrained]
      return record(values, of: probe)
    }
    let trained = try checkpoints.checkpoint(step: step)
    _ = try waitingForData {
      try probe.measureBaselines(engine, isUntrained: beginAnew())
      try engine.load(trained)
      try evaluate(with: probe)
    }
  }

  /// Gives the engine the weights with which the run began. Returns false if they are gone.
  private func beginAnew() -> Bool {
    do {
      _ = try engine.begin(recipe, runs: FilePath.parent(of: directory.path))
      return true
    } catch {
      note("weights", "the untrained network cannot be measured: \(error)", .warning)
      return false
    }
  }

  /// Runs `body`, and runs it again if images could not be read, once they can. Returns false if
  /// the run was told to do something else meanwhile.
  private func waitingForData(_ body: () throws -> Void) throws -> Bool {
    let (before, at) = (runtime, step)
    while true {
      do {
        try body()
        return true
      } catch let outage as DataOutage {
        waitForData(outage.reason) { [probe] in probe?.isReadable() ?? true }
        try processRequests()
        guard !isStopping, runtime === before, step == at else { return false }
      }
    }
  }

  /// Pauses the run until images that the system cannot read are there again.
  func waitForData(_ reason: String, until isOver: @escaping () -> Bool) {
    isLoaderStopped = true
    loader.stop()
    pauseItself(
      "images cannot be read: \(reason); the run continues when they can be read again",
      until: isOver)
  }

  /// Records an evaluation. That of the first student counts as the run's; those of others carry
  /// the student's name.
  private func record(_ values: [Metric: Double], of probe: Probe, student: Int = 0) {
    // None of the probe's images could be read.
    guard values[.knnLearned] != nil else { return }
    let suffix = student == 0 ? "" : " " + engine.shape.students[student].name
    let result = ProbeResult(
      step: step, time: Clock.wall(), name: ProbeResult.knn + suffix, values: values,
      images: probe.images, classes: probe.classes, data: imagesFingerprint)
    recorder.record(result)
    if student == 0 { probeResults.append(result) }
  }
}
