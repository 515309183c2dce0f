import Crops
import Engine
import Run
import Store
import Support

/// What the probe measures and when, and what a run does while images cannot be read.
extension Trainer {
  /// Probes the students if it is time to. Returns whether that was done.
  func probeIfDue() throws -> Bool {
    guard let probe, isProbed(after: step) else { return false }
    guard try waitingForData({ try evaluate(with: probe) }) else { return false }
    judgeProbe()
    return true
  }

  /// Whether the students are probed after a step.
  func isProbed(after step: Int) -> Bool {
    let every = recipe.probe.every
    return probe != nil && every > 0 && (step % every == 0 || step == plan.totalSteps)
  }

  /// Pictures the crops of some images of a micro-batch, before a step that is followed by a probe.
  func pictureCrops(_ input: StepInput) {
    guard recipe.probe.pictures > 0 else { return }
    cropPictures = CropPictures(recipe).small(input, count: Self.mostCropImages, step: step + 1)
  }

  /// The images of a batch whose crops are pictured.
  private static let mostCropImages = 4

  private func evaluate(with probe: Probe) throws {
    if let scores = probe.scores, !scores.pictured.contains(where: { $0.kind == .components }) {
      scores.goOn(from: recorder.lastPictures(before: step))
    }
    for number in engine.shape.students.indices {
      let previous = recorder.neighbours(
        of: probeName(number), before: step, data: imagesFingerprint)
      record(
        try probe.evaluate(engine, student: number, step: step, previous: previous), of: probe,
        student: number)
    }
  }

  /// Measures what the probe compares with, if that has not been done on the images as they are:
  /// before the first step, and when a run goes on with other images.
  func measureBaselines() throws {
    guard let probe, probe.baselines.isEmpty else { return }
    guard step > 0 else {
      _ = try waitingForData {
        var values = try probe.evaluate(engine, student: 0, step: step)
        // Weights to begin with are no untrained network: what they could do is the result of step 0.
        let isRandom = recipe.student.pretrainedWeights.isEmpty
        try probe.measureBaselines(engine, untrained: isRandom ? values[.knnLearned] : nil)
        values.merge(probe.baselines) { $1 }
        record(values, of: probe)
      }
      return
    }
    guard probe.hasLabels else { return }
    let trained = try checkpoints.checkpoint(step: step)
    _ = try waitingForData {
      let isRandom = recipe.student.pretrainedWeights.isEmpty
      let untrained = isRandom && beginAnew() ? try probe.accuracy(engine) : nil
      try probe.measureBaselines(engine, untrained: untrained)
      _ = try runtime.load(trained)
      runtime.shareState()
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
    guard values.keys.contains(where: { !Metric.baselines.contains($0) }) else { return }
    let result = ProbeResult(
      step: step, time: Clock.wall(), name: probeName(student), values: values,
      images: probe.images, classes: probe.classes, data: imagesFingerprint)
    // Before the result, upon which viewers ask for them.
    if student == 0 { recordPictures(of: probe) }
    recorder.record(result, neighbours: probe.neighbours)
    if student == 0 { probeResults.append(result) }
  }

  /// Records what a probe has pictured, and the crops of the last step; the images themselves when it is the
  /// first to do so.
  private func recordPictures(of probe: Probe) {
    defer { cropPictures = [] }
    let seen = probe.scores?.pictured ?? []
    guard !seen.isEmpty || !cropPictures.isEmpty else { return }
    let known = seen.isEmpty || recorder.hasPictures(.image, data: imagesFingerprint)
    let originals = known ? nil : try? probe.scores?.originals(step: step)
    recorder.record((originals ?? []) + seen + cropPictures, data: imagesFingerprint)
  }

  private func probeName(_ student: Int) -> String {
    student == 0 ? ProbeResult.knn : ProbeResult.knn + " " + engine.shape.students[student].name
  }
}
