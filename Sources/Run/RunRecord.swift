/// The record of a whole run in bounded memory: its status, thinned samples, events, evaluations,
/// journal and planned schedules.
///
/// It has three users: the daemon's I/O thread, which answers `snapshot` from it, the reader of a
/// run's database, and the viewer, which draws it. This is a value type; whoever holds a copy owns
/// it.
package struct RunRecord: Sendable, Equatable {
  /// The current status of the run.
  package private(set) var status: RunStatus
  /// Samples by ascending step, thinned as described at `stride(lastStep:)`. The last one is
  /// always the latest. At most `sampleLimit + 1`.
  package private(set) var samples: [Sample] = []
  /// The same values by metric.
  private(set) var columns = SampleColumns()
  /// The last `listLimit` events, in the order in which they happened.
  package private(set) var events: [RunEvent] = []
  /// The last `listLimit` probe results by ascending step, one for each step and name.
  package private(set) var evaluations: [ProbeResult] = []
  /// The same values by probe and metric.
  private(set) var probeCurves = ProbeCurves()
  /// The last `listLimit` journal entries in order, including those that were undone. Ids are
  /// unique.
  package private(set) var journal: [JournalEntry] = []
  /// The planned schedules, one curve for each metric.
  package private(set) var plan: [PlannedCurve] = []

  /// The number of samples kept in addition to the latest. It exceeds the number of dot columns on
  /// a screen.
  package static let sampleLimit = 4096
  /// The number of events, of evaluations and of journal entries that are kept.
  package static let listLimit = 1000

  /// Creates the record of a run that has no samples yet.
  package init(status: RunStatus) { self.status = status }

  /// Returns the distance between the samples that are kept of a run that has reached `lastStep`.
  ///
  /// It is the smallest power of two that leaves at most `sampleLimit` samples. A sample is kept
  /// if `step - 1` is a multiple of it. The rule depends on the step alone, so the daemon, the
  /// database and every viewer keep the same samples.
  package static func stride(lastStep: Int) -> Int {
    var stride = 1
    while (lastStep - 1) / stride + 1 > sampleLimit { stride *= 2 }
    return stride
  }
}

extension RunRecord {
  /// Adds the sample of a step. Takes constant time, except for the thinning at each doubling.
  ///
  /// A step that is not after the last one means that the run went back to a checkpoint. All
  /// samples and evaluations from that step on are then removed. The journal and the events are
  /// kept, because they record what happened rather than the current state.
  package mutating func append(_ sample: Sample) {
    guard Sample.steps.contains(sample.step) else { return }
    status.advance(to: sample.step)
    guard let last = samples.last else { return push(sample) }
    if sample.step <= last.step {
      keep(samples.filter { $0.step < sample.step })
      keep(evaluations.filter { $0.step < sample.step })
    }
    let stride = Self.stride(lastStep: sample.step)
    if stride != Self.stride(lastStep: samples.last?.step ?? 0) {
      keep(samples.filter { Self.isKept($0, stride) })
    } else if let latest = samples.last, !Self.isKept(latest, stride) {
      samples.removeLast()
      columns.removeLast()
    }
    push(sample)
  }

  private mutating func push(_ sample: Sample) {
    samples.append(sample)
    columns.append(sample)
  }

  /// Replaces all samples.
  private mutating func keep(_ kept: [Sample]) {
    samples = kept
    columns = SampleColumns(kept)
  }

  private static func isKept(_ sample: Sample, _ stride: Int) -> Bool {
    (sample.step - 1) % stride == 0
  }

  /// Adds an event.
  package mutating func append(_ event: RunEvent) {
    events.append(event)
    Self.bound(&events)
  }

  /// Adds a probe result. It replaces an earlier one with the same step and name.
  package mutating func append(_ evaluation: ProbeResult) {
    let others = evaluations.filter { $0.step != evaluation.step || $0.name != evaluation.name }
    if others.count == evaluations.count, others.count < Self.listLimit {
      evaluations.append(evaluation)
      probeCurves.append(evaluation)
    } else {
      keep(Array((others + [evaluation]).suffix(Self.listLimit)))
    }
  }

  /// Replaces all probe results.
  private mutating func keep(_ kept: [ProbeResult]) {
    evaluations = kept
    probeCurves = ProbeCurves(kept)
  }

  /// Adds a change that was made; a known id changes nothing. If the run went back with it, the samples
  /// and evaluations of the steps that it dropped are removed.
  package mutating func append(_ entry: JournalEntry) {
    guard !journal.contains(where: { $0.id == entry.id }) else { return }
    journal.append(entry)
    if entry.isRewound {
      keep(samples.filter { $0.step < entry.step })
      keep(evaluations.filter { $0.step < entry.step })
      status.step = entry.step - 1
    }
    Self.bound(&journal)
  }

  /// Replaces the status.
  package mutating func set(_ status: RunStatus) { self.status = status }

  /// Replaces the current phase.
  package mutating func set(_ phase: PhaseStatus) { status.phase = phase }

  /// Updates state and step from a heartbeat.
  package mutating func set(_ state: RunState, step: Int) {
    status.state = state
    status.step = step
  }

  /// Sets planned curves. Each replaces the curve of the same metric.
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
  /// Returns the record as a snapshot. `sequence` is the number of the last message published
  /// before it.
  package func snapshot(sequence: Int) -> Snapshot {
    Snapshot(
      status: status, sequence: sequence, samples: samples, events: events,
      evaluations: evaluations, journal: journal, plan: plan)
  }

  /// Restores the record from a snapshot.
  ///
  /// - Parameter earlier: What the client had before, for a snapshot that has only what is new to it.
  package init(snapshot: Snapshot, onto earlier: RunRecord? = nil) {
    status = snapshot.status
    if let earlier, let after = snapshot.after {
      keep(earlier.samples.filter { $0.step <= after })
      for sample in snapshot.samples { append(sample) }
      status = snapshot.status
    } else {
      keep(snapshot.samples)
    }
    events = snapshot.events
    keep(snapshot.evaluations)
    journal = snapshot.journal
    plan = snapshot.plan
  }
}
