#if canImport(Glibc)
  import Glibc
#endif
import Recipe
import Run
import Schedule
import TestSupport
import Testing

@Suite struct HealthTests {
  private func record(
    _ count: Int = 200, _ change: (Int, inout Sample) -> Void = { _, _ in }
  ) -> RunRecord {
    var record = RunRecord(status: SampleRun.status(count, of: 1000, state: .running))
    for step in 1...count {
      var sample = SampleRun.sample(step, of: 1000)
      change(step, &sample)
      record.append(sample)
    }
    return record
  }

  private func judged(_ record: RunRecord) -> Health { Health(record, isTraining: true) }

  @Test("a run that nobody trains is neither healthy nor ill, unless it recorded its end")
  func interrupted() {
    let health = Health(record(), isTraining: false)
    #expect(health.verdict == .interrupted)
    #expect(health.reason == "it was healthy: entropy, rank, gradients stable")
    #expect(Health(record(4), isTraining: false).reason == "it was too early to tell")
    var ended = record()
    ended.set(SampleRun.status(200, of: 200, state: .finished))
    #expect(Health(ended, isTraining: false).verdict == .healthy)
  }

  @Test("a run whose entropy, rank and gradients hold is healthy")
  func healthy() { #expect(judged(record()).verdict == .healthy) }

  @Test("the first steps tell nothing")
  func unknown() { #expect(judged(record(4)).verdict == .unknown) }

  @Test("entropy at its upper bound is a collapse to uniform output")
  func uniform() {
    let health = judged(record { $1.values[.teacherEntropy] = log(4096) * 0.9999 })
    #expect(health.verdict == .collapsing)
    #expect(health.reason.contains("uniform"))
    let near = judged(record { $1.values[.teacherEntropy] = log(4096) * 0.999 })
    #expect(near.verdict == .watch)
  }

  @Test("a rank that falls to a tenth of its best is a collapse, to a third a thing to watch")
  func rank() {
    let fallen = { (part: Double) in
      judged(record { if $0 > 150 { $1.values[.effectiveRank] = 80 * part } })
    }
    #expect(fallen(0.05).verdict == .collapsing)
    #expect(fallen(0.05).reason.contains("effective rank"))
    #expect(fallen(0.3).verdict == .watch)
    #expect(fallen(0.9).verdict == .healthy)
  }

  @Test("gradients far over their usual norm are a thing to watch")
  func spike() {
    let health = judged(record { if $0 > 197 { $1.values[.gradNormDinoHead] = 100 } })
    #expect(health.verdict == .watch)
    #expect(health.reason.contains("grad_norm_dino_head"))
  }

  @Test("a complaint of the trainer counts while it is new")
  func complaint() {
    var recent = record()
    recent.append(RunEvent(time: 0, step: 190, level: .error, kind: "health", text: "not finite"))
    #expect(judged(recent).reason == "not finite" && judged(recent).verdict == .collapsing)
    var young = record(4)
    young.append(RunEvent(time: 0, step: 4, level: .error, kind: "numbers", text: "not finite"))
    #expect(judged(young).verdict == .collapsing)
    var old = record()
    old.append(RunEvent(time: 0, step: 100, level: .error, kind: "health", text: "not finite"))
    #expect(judged(old).verdict == .healthy)
    // A run that went back has left it behind, although the step is yet to come again.
    var back = record()
    back.append(RunEvent(time: 5, step: 210, level: .error, kind: "numbers", text: "not finite"))
    #expect(judged(back).verdict == .collapsing)
    back.append(
      JournalEntry(id: "r", time: 6, step: 201, client: "guard", change: .rewind(Rewind(to: 200))))
    #expect(judged(back).verdict == .healthy)
  }

  @Test("a run that does not collapse but learns nothing is a thing to watch")
  func learnsNothing() {
    var record = record()
    for (step, accuracy) in [(0, 0.28), (100, 0.27), (200, 0.28)] {
      record.append(
        ProbeResult(
          step: step, time: 0, name: ProbeResult.knn,
          values: [.knnLearned: accuracy, .knnUntrained: 0.28, .knnRawPixels: 0.36], images: 1000,
          classes: 10))
    }
    #expect(judged(record).verdict == .watch)
    #expect(judged(record).reason.contains("no better than the untrained network's"))
  }

  @Test("a collapse outweighs what is only to be watched")
  func worst() {
    var record = record { if $0 > 150 { $1.values[.prototypesUsed] = 0.001 } }
    record.append(RunEvent(time: 0, step: 199, level: .warning, kind: "health", text: "clipped"))
    #expect(judged(record).verdict == .collapsing)
  }

  @Test("the alarms of recipes are those of the judgement")
  func names() { #expect(Recipe.Guard.alarms == Alarm.allCases.map(\.rawValue)) }

  @Test(
    "each trouble has its name",
    arguments: [
      (Alarm.uniformTargets, Metric.teacherEntropy, log(4096) * 0.9999),
      (.constantFeatures, .effectiveRank, 2), (.unusedPrototypes, .prototypesUsed, 0.02),
      (.spike, .gradNormBackbone, 20), (.spike, .totalLoss, 40),
    ])
  func alarms(_ alarm: Alarm, _ metric: Metric, _ value: Double) {
    let health = judged(record { if $0 > 150 { $1.values[metric] = value } })
    #expect(health.alarm == alarm, "\(health.reason)")
    #expect(judged(record()).alarm == nil)
  }

  @Test("steps that wait for images most of the time are called that")
  func dataWait() {
    let waiting = { (part: Double) in
      judged(
        record {
          $1.values[.timeStep] = 1; $1.values[.timeData] = part
        })
    }
    #expect(waiting(0.7).alarm == .dataWait)
    #expect(waiting(0.7).reason == "steps wait for images 70.0 % of the time")
    #expect(waiting(0.3).alarm == nil)
  }

  @Test("copies of prototypes, twins in a batch, and what the machine lacks are called that")
  func shares() {
    func alarm(_ metric: Metric, _ value: Double) -> Alarm? {
      judged(record { if $0 > 150 { $1.values[metric] = value } }).alarm
    }
    #expect(alarm(.prototypesCopied, 0.6) == .copiedPrototypes)
    #expect(alarm(.prototypesCopied, 0.4) == nil)
    #expect(alarm(.targetSpread, 0.1) == .uniformTargets && alarm(.targetSpread, 0.6) == nil)
    #expect(alarm(.batchTwins, 0.2) == .batchTwins && alarm(.batchTwins, 0.06) == nil)
    let used = record().samples.last![.memoryResident]!
    #expect(alarm(.memoryAvailable, 0.04 * used) == .memory)
    #expect(alarm(.memoryAvailable, 0.06 * used) == nil)
    let both = record {
      if $0 > 150 { ($1.values[.batchTwins], $1.values[.diskCheckpoints]) = (0.5, 1) }
    }
    #expect(judged(both).alarm == .disk, "what ends the run is not hidden by what only hinders it")
    #expect(alarm(.diskCheckpoints, 1.9) == .disk && alarm(.diskCheckpoints, 2.1) == nil)
  }

  @Test("a process that holds up the others is called that")
  func slowRank() {
    func health(_ times: [Double]) -> Health {
      var record = record()
      var status = record.status
      status.processes = times.enumerated().map {
        var process = ProcessStatus(number: $0, host: "gpu\($0)", pid: 1)
        process.timeCompute = $1
        return process
      }
      record.set(status)
      return judged(record)
    }
    #expect(health([1, 1.7, 1]).alarm == .slowRank)
    #expect(
      health([1, 1.7, 1]).reason == "process 1 on gpu1 computes 1.700 times as long as the others")
    #expect(health([1, 1.4, 1]).alarm == nil && health([1]).alarm == nil)
  }

  @Test("a line of the log tells which alarm it is about")
  func lines() {
    for alarm in Alarm.allCases {
      let health = judged(record { if $0 > 150 { $1.values[.diskCheckpoints] = 1 } })
      #expect(Alarm(line: health.line) == .disk)
      #expect(Alarm(line: "watch: it is so (\(alarm.rawValue)); what helps: x") == alarm)
    }
    #expect(Alarm(line: judged(record()).line) == nil)
  }
}
