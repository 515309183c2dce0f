import Run

/// An invented run for tests, with a falling loss, a spike, events, probes and a plan.
package enum SampleRun {
  /// Returns the record of the run after `last` of `steps` steps.
  package static func record(
    steps last: Int = 1200, of steps: Int = 4000, state: RunState = .running,
    name: String = "sample"
  ) -> RunRecord {
    var record = RunRecord(status: status(last, of: steps, state: state, name: name))
    for step in stride(from: 1, through: last, by: 1) { record.append(sample(step, of: steps)) }
    for step in stride(from: 0, through: last, by: 200) {
      record.append(
        ProbeResult(
          step: step, time: 1000 + Double(step), name: "knn",
          values: [
            .knnLearned: 0.3 + Double(step) / 8000, .knnRawPixels: 0.33, .knnUntrained: 0.28,
          ], images: 1000, classes: 10))
    }
    for (step, level, kind, text) in events where step <= last {
      record.append(
        RunEvent(time: 1000 + Double(step), step: step, level: level, kind: kind, text: text))
    }
    record.append(
      JournalEntry(
        id: "a", time: 1300, step: 300, client: "dino set (anna@here)",
        change: .set(SetSchedule(.lr, to: 1e-4, over: 100)), effect: .from(5e-4)))
    let at = Array(stride(from: 0, through: steps, by: max(steps / 40, 1)))
    record.set(
      [Metric.lr, .weightDecay, .momentumTeacher, .teacherTemp].map { metric in
        PlannedCurve(metric: metric, steps: at, values: at.map { Double($0) / Double(steps) })
      })
    record.set(status(last, of: steps, state: state, name: name))
    return record
  }

  /// Returns the status of the run at a step.
  package static func status(
    _ step: Int, of steps: Int, state: RunState, name: String = "sample"
  ) -> RunStatus {
    RunStatus(
      name: name, state: state, step: step, steps: steps,
      phase: PhaseStatus(
        name: "low", index: 0, count: 2, step: step, steps: steps, globalCropsSize: 224,
        localCropsSize: 98),
      timeLeft: 15_120, startedAt: 1000, pid: 1, arch: "vit_small/14", parameters: 21_600_000,
      data: "embedded", images: 20_000, imagesPerStep: 64, runDirectory: "/runs/sample",
      embedDim: 384, prototypes: 4096)
  }

  /// Returns the sample of a step. The total loss falls and the effective rank rises with the
  /// step.
  package static func sample(_ step: Int, of steps: Int) -> Sample {
    let part = Double(step) / Double(steps)
    var values: [Metric: Double] = [:]
    for metric in Metric.allCases where metric.group != .evaluation {
      values[metric] = 1 + part + 0.01 * Double(step % 7)
    }
    values[.totalLoss] = 10 - 4 * part + (step == 600 ? 3 : 0)
    values[.timeData] = 0.01
    values[.teacherEntropy] = 5.5
    values[.effectiveRank] = 80 + 40 * part
    values[.prototypesUsed] = 0.9
    (values[.prototypesCopied], values[.batchTwins]) = (0.01, 0)
    values[.memoryResident] = 2.2e9
    (values[.memoryAvailable], values[.diskCheckpoints]) = (6e9, 500)
    values[.memoryArena] = 1.8e9
    values[.imagesSeen] = Double(step) * 64
    return Sample(step: step, time: 1000 + Double(step), values: values)
  }

  private static let events: [(Int, RunEvent.Level, String, String)] = [
    (0, .info, "start", "run begun"), (400, .info, "checkpoint", "checkpoint written"),
    (500, .warning, "image", "broken image skipped: 画像/ñandú.jpg"),
    (700, .error, "health", "koleo_loss was not finite"),
  ]
}
