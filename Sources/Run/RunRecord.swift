/// A whole run in bounded memory: where it stands, its samples thinned, what happened in it.
///
/// One mechanism for three holders: the daemon's I/O thread (to answer `snapshot`), the reader of a
/// run's database, and the viewer (what its screen shows). A value type; whoever holds it owns it.
package struct RunRecord: Sendable, Equatable {
  /// Where the run stands.
  package private(set) var status: RunStatus
  /// Samples in rising order of step, thinned as `stride(lastStep:)` says; the latest is always
  /// the last. At most `sampleLimit + 1`.
  package private(set) var samples: [Sample] = []
  /// What happened, in the order in which it did; the last `listLimit`.
  package private(set) var events: [RunEvent] = []
  /// Outcomes of probes by rising step, one for each step and name; the last `listLimit`.
  package private(set) var evaluations: [Evaluation] = []
  /// Changes that were made, in order, one for each id, those undone included; the last `listLimit`.
  package private(set) var journal: [JournalEntry] = []
  /// The schedules as planned, one curve a metric.
  package private(set) var plan: [PlannedCurve] = []

  /// How many samples are kept beside the latest: more than a screen has columns of dots.
  package static let sampleLimit = 4096
  /// How many events, evaluations and journal entries are kept of each.
  package static let listLimit = 1000

  package init(status: RunStatus) { self.status = status }

  /// Which samples are kept of a run that has come to `lastStep`: those where `step - 1` is a
  /// multiple of this power of two, the smallest that leaves at most `sampleLimit`.
  ///
  /// It depends on the step alone, so that memory, database and every viewer keep the same ones.
  package static func stride(lastStep: Int) -> Int {
    var stride = 1
    while (lastStep - 1) / stride + 1 > sampleLimit { stride *= 2 }
    return stride
  }
}

extension RunRecord {
  /// Takes in the sample of a step, in constant time but for the thinning at each doubling.
  ///
  /// A step that is not after the last one means that the run went back to a checkpoint: what came
  /// from that step on is forgotten, except for the journal and for events, which tell what happened
  /// and not what holds.
  package mutating func append(_ sample: Sample) {
    status.advance(to: sample.step)
    guard let last = samples.last else {
      samples.append(sample)
      return
    }
    if sample.step <= last.step {
      samples.removeAll { $0.step >= sample.step }
      evaluations.removeAll { $0.step >= sample.step }
    }
    let stride = Self.stride(lastStep: sample.step)
    if stride != Self.stride(lastStep: samples.last?.step ?? 0) {
      samples.removeAll { !Self.isKept($0, stride) }
    } else if let latest = samples.last, !Self.isKept(latest, stride) {
      samples.removeLast()
    }
    samples.append(sample)
  }

  private static func isKept(_ sample: Sample, _ stride: Int) -> Bool {
    (sample.step - 1) % stride == 0
  }

  package mutating func append(_ event: RunEvent) {
    events.append(event)
    Self.bound(&events)
  }

  /// Takes in a probe's outcome in place of an earlier one of the same step and name.
  package mutating func append(_ evaluation: Evaluation) {
    evaluations.removeAll { $0.step == evaluation.step && $0.name == evaluation.name }
    evaluations.append(evaluation)
    Self.bound(&evaluations)
  }

  /// Takes in a change that was made; one of a known id changes nothing. With one that goes back
  /// before a phase, the samples and probes of that phase are forgotten.
  package mutating func append(_ entry: JournalEntry) {
    guard !journal.contains(where: { $0.id == entry.id }) else { return }
    journal.append(entry)
    if entry.change == .back {
      samples.removeAll { $0.step >= entry.step }
      evaluations.removeAll { $0.step >= entry.step }
      status.step = entry.step - 1
    }
    Self.bound(&journal)
  }

  package mutating func set(_ status: RunStatus) { self.status = status }

  package mutating func set(_ phase: PhaseStatus) { status.phase = phase }

  /// What a heartbeat tells.
  package mutating func set(_ state: RunState, step: Int) {
    status.state = state
    status.step = step
  }

  /// Takes in curves, each in place of the one of the same metric.
  package mutating func set(_ curves: [PlannedCurve]) {
    for curve in curves {
      plan.removeAll { $0.metric == curve.metric }
      plan.append(curve)
    }
  }

  private static func bound<Element>(_ list: inout [Element]) {
    if list.count > listLimit { list.removeFirst(list.count - listLimit) }
  }
}

extension RunRecord {
  /// The record as a message, `sequence` being the number last published before it.
  package func snapshot(sequence: Int) -> Snapshot {
    Snapshot(
      status: status, sequence: sequence, samples: samples, events: events,
      evaluations: evaluations, journal: journal, plan: plan)
  }

  /// The record that a snapshot was taken of.
  package init(snapshot: Snapshot) {
    status = snapshot.status
    samples = snapshot.samples
    events = snapshot.events
    evaluations = snapshot.evaluations
    journal = snapshot.journal
    plan = snapshot.plan
  }
}
