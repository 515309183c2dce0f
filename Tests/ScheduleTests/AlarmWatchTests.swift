import Run
import Schedule
import TestSupport
import Testing

@Suite struct AlarmWatchTests {
  /// A run whose last fifty steps have these values.
  private func health(_ values: [Metric: Double]) -> Health {
    var record = RunRecord(status: SampleRun.status(200, of: 1000, state: .running))
    for step in 1...200 {
      var sample = SampleRun.sample(step, of: 1000)
      if step > 150 { for (metric, value) in values { sample.values[metric] = value } }
      record.append(sample)
    }
    return Health(record, isTraining: true)
  }

  private let twins: [Metric: Double] = [.batchTwins: 0.5]
  private let both: [Metric: Double] = [.batchTwins: 0.5, .effectiveRank: 2]

  @Test("a run has all its alarms at once, the worst first, and each once")
  func all() {
    let ill = health([.batchTwins: 0.5, .gradNormBackbone: 50, .totalLoss: 90, .effectiveRank: 2])
    #expect(ill.findings.map(\.alarm) == [.constantFeatures, .batchTwins, .spike])
    #expect(ill.verdict == .collapsing && ill.alarm == .constantFeatures)
    #expect(ill.line.contains("(constant_features)"))
    let room = health([.diskCheckpoints: 1, .effectiveRank: 2])
    #expect(room.findings.map(\.alarm) == [.constantFeatures, .disk], "a collapse comes first")
    #expect(health([:]).findings.isEmpty)
  }

  @Test("an alarm is news once two looks in a row find it, whatever other alarms there are")
  func confirmed() {
    var watch = AlarmWatch()
    #expect(watch.look(health(twins)).isEmpty)
    #expect(watch.look(health(twins)).map(\.alarm) == [.batchTwins])
    #expect(watch.look(health(both)).isEmpty, "the second one is not confirmed yet")
    #expect(watch.look(health(both)).map(\.alarm) == [.constantFeatures])
    #expect(watch.inForce.map(\.alarm) == [.constantFeatures, .batchTwins])
    #expect(watch.look(health(both)).isEmpty, "what was said is no news")
  }

  @Test("an alarm is over once two looks in a row do not find it")
  func over() {
    var watch = AlarmWatch()
    for _ in 0..<2 { _ = watch.look(health(both)) }
    #expect(watch.look(health(twins)).isEmpty)
    #expect(watch.inForce.count == 2)
    #expect(watch.look(health(twins)).isEmpty)
    #expect(watch.inForce.map(\.alarm) == [.batchTwins])
    for _ in 0..<2 { _ = watch.look(health([:])) }
    #expect(watch.inForce.isEmpty)
  }

  @Test("what was answered is answered until it is over or gets worse, not if it gets better")
  func answered() {
    var watch = AlarmWatch()
    for _ in 0..<2 { _ = watch.look(health(both)) }
    #expect(watch.unanswered.map(\.alarm) == [.constantFeatures, .batchTwins])
    watch.answer(watch.unanswered)
    let better: [Metric: Double] = [.batchTwins: 0.5, .effectiveRank: 20]
    for _ in 0..<3 { _ = watch.look(health(better)) }
    #expect(watch.inForce.map(\.verdict) == [.watch, .watch] && watch.unanswered.isEmpty)
    for _ in 0..<2 { _ = watch.look(health(both)) }
    #expect(watch.unanswered.map(\.alarm) == [.constantFeatures], "it got worse again")
    watch.answer(watch.unanswered)
    for _ in 0..<2 { _ = watch.look(health([:])) }
    for _ in 0..<2 { _ = watch.look(health(twins)) }
    #expect(watch.unanswered.map(\.alarm) == [.batchTwins], "it came again")
  }

  @Test("one that is found at every look, now bad and now worse, is in force as the milder")
  func flips() {
    var watch = AlarmWatch()
    for step in 0..<6 { _ = watch.look(health([.effectiveRank: step % 2 == 0 ? 2 : 20])) }
    #expect(watch.inForce.map(\.verdict) == [.watch])
  }

  @Test("a skipped step does not hide the trainer's own error, nor the other way round")
  func ownErrors() {
    var record = RunRecord(status: SampleRun.status(200, of: 1000, state: .running))
    for step in 1...200 { record.append(SampleRun.sample(step, of: 1000)) }
    for (kind, level) in [
      ("numbers", RunEvent.Level.error), ("health", .error), ("numbers", .warning),
    ] {
      record.append(RunEvent(time: 0, step: 190, level: level, kind: kind, text: kind))
    }
    let found = Health(record, isTraining: true).findings
    #expect(found.map(\.alarm) == [.notFinite, .divergence])
    #expect(found.allSatisfy { $0.verdict == .collapsing })
  }

  @Test("a look that is the last has to do; one that gets worse is news again")
  func lastAndWorse() {
    var watch = AlarmWatch()
    #expect(watch.look(health([.effectiveRank: 20]), isLast: true).map(\.verdict) == [.watch])
    #expect(watch.look(health([.effectiveRank: 2])).isEmpty)
    #expect(watch.look(health([.effectiveRank: 2])).map(\.verdict) == [.collapsing])
    #expect(watch.look(health([:]), isLast: true).isEmpty)
    #expect(watch.inForce.count == 1, "a last look that does not find it does not end it")
  }
}
