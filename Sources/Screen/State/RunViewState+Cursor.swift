import Run

extension RunViewState {
  /// Moves the cursor, or takes it away. It stays within the steps that were trained.
  mutating func move(_ motion: Action.CursorMove, _ record: RunRecord?) {
    guard let record, let last = record.samples.last?.step else { return }
    let place = cursor ?? last
    // A hundredth of what charts show.
    let stride = max(1, min(window ?? last, last) / 100)
    let samples = record.samples.lazy.map(\.step)
    let moved: Int? =
      switch motion {
      case .left: place - stride
      case .right: place + stride
      case .previousStep: samples.last { $0 < place }
      case .nextStep: samples.first { $0 > place }
      case .previousMark: record.marks.last { $0.step < place }?.step
      case .nextMark: record.marks.first { $0.step > place }?.step
      case .off: nil
      }
    if motion == .off {
      (cursor, isPlaying) = (nil, false)
    } else if let moved {
      go(to: moved, record)
    }
  }

  /// Begins to move the cursor through the run, from where it is or from the first step; or stops it.
  mutating func togglePlaying(_ record: RunRecord?) {
    isPlaying.toggle()
    guard isPlaying, let first = record?.samples.first?.step else { return }
    if cursor == nil || cursor == record?.samples.last?.step { go(to: first, record) }
  }

  /// Moves the cursor on, a four-hundredth of the run at a time. At the newest step it stops.
  package mutating func play(_ record: RunRecord?) {
    guard isPlaying, let last = record?.samples.last?.step else { return }
    go(to: (cursor ?? 0) + max(1, last / 400), record)
    if cursor == last { isPlaying = false }
  }

  /// Puts the cursor to a step.
  package mutating func go(to step: Int, _ record: RunRecord?) {
    guard let samples = record?.samples, let first = samples.first, let last = samples.last else {
      return
    }
    cursor = min(max(step, first.step), last.step)
  }
}

/// What a chart marks: a change, the beginning of a phase, or a checkpoint.
package struct RecordMark: Equatable, Sendable {
  /// What is marked.
  package enum Kind: Sendable { case checkpoint, change, phase, rewind, origin }

  package let step: Int
  package let kind: Kind
  /// What happened, in words.
  package let text: String
}

extension RunRecord {
  /// What charts mark, by ascending step.
  package var marks: [RecordMark] {
    let checkpoints = events.filter { $0.kind == "checkpoint" && $0.level == .info }
      .map { RecordMark(step: $0.step, kind: .checkpoint, text: "checkpoint") }
    let changes = journal.inForce.compactMap { entry -> RecordMark? in
      let kind: RecordMark.Kind? =
        entry.beginsPhase
        ? .phase : entry.change.isRewind ? .rewind : entry.scheduleSet != nil ? .change : nil
      return kind.map {
        RecordMark(step: entry.step, kind: $0, text: "\(entry.change.summary) (\(entry.client))")
      }
    }
    let origin = status.origin.map {
      RecordMark(step: $0.step, kind: .origin, text: "\($0.kind) of \($0.run)")
    }
    return (checkpoints + changes + [origin].compactMap(\.self)).sorted { $0.step < $1.step }
  }
}

extension Change {
  fileprivate var isRewind: Bool { if case .rewind = self { true } else { false } }
}
