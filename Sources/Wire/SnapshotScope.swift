import Run

/// Which part of a snapshot a client wants, and how it is sent.
package struct SnapshotScope: Sendable, Equatable {
  /// What the client has of the run already.
  package struct Known: Sendable, Equatable {
    /// The last step of which it has the sample.
    package var step: Int
    /// The id of the last entry of the journal that it has; `nil` if it has none.
    package var entry: String?
    /// The time of the first sample that it has, by which a run is told from a later one of its name.
    package var began: Double

    package init(step: Int, entry: String?, began: Double) {
      self.step = step
      self.entry = entry
      self.began = began
    }
  }

  /// What the client has already; `nil` if it wants everything.
  package var known: Known?
  /// The steps whose samples the client wants from the run's database, which has every step; `nil` if it
  /// wants the record that viewers share.
  package var rows: Rows?
  /// Whether the reply is compressed, which pays over a network alone.
  package var isCompressed: Bool

  package init(known: Known? = nil, rows: Rows? = nil, isCompressed: Bool = false) {
    self.known = known
    self.rows = rows
    self.isCompressed = isCompressed
  }

  /// Steps first, first + stride, … up to last.
  package struct Rows: Sendable, Equatable {
    package var first: Int
    package var last: Int
    package var stride: Int

    /// The most steps that one reply has.
    package static let limit = 8192

    package init(first: Int, last: Int, stride: Int = 1) {
      (self.first, self.last, self.stride) = (first, last, stride)
    }

    /// Whether a reply can have them.
    package var isValid: Bool {
      first >= 1 && last >= first && stride >= 1 && (last - first) / stride < Self.limit
    }
  }
}

extension SnapshotScope {
  /// The arguments of the command as the wire has them.
  var arguments: ChangeValues {
    var values: ChangeValues = [:]
    if let known {
      values["after"] = .number(Double(known.step))
      values["journal"] = known.entry.map(ChangeValue.text)
      values["began"] = .number(known.began)
    }
    if let rows {
      values["from"] = .number(Double(rows.first))
      values["to"] = .number(Double(rows.last))
      values["every"] = .number(Double(rows.stride))
    }
    if isCompressed { values["encoding"] = .text(Deflate.name) }
    return values
  }

  /// Reads the arguments of a command. What cannot be understood is left out: the reply is whole then.
  init(_ values: ChangeValues) {
    let step = values["after"]?.number.flatMap { Int(exactly: $0) }
    let began = values["began"]?.number
    let known = step.flatMap { step in
      began.map { Known(step: step, entry: values["journal"]?.text, began: $0) }
    }
    let first = values.count("from")
    let rows = first.flatMap { first in
      values.count("to").map { Rows(first: first, last: $0, stride: values.count("every") ?? 1) }
    }
    self.init(
      known: known, rows: rows?.isValid == true ? rows : nil,
      isCompressed: values["encoding"]?.text == Deflate.name)
  }
}

extension RunRecord {
  /// Returns the record as a snapshot for a client: the samples that it does not have, or all if the
  /// run went back since or if the client has more than this record.
  package func snapshot(sequence: Int, for scope: SnapshotScope) -> Snapshot {
    var snapshot = snapshot(sequence: sequence)
    guard let known = scope.known, let last = samples.last, last.step >= known.step,
      samples.first?.time == known.began, isUnbroken(since: known.entry)
    else { return snapshot }
    snapshot.after = known.step
    snapshot.samples.removeAll { $0.step <= known.step }
    return snapshot
  }

  /// Returns whether the run did not go back since an entry of its journal, or since its beginning.
  private func isUnbroken(since id: String?) -> Bool {
    var start = journal.startIndex
    if let id {
      guard let known = journal.lastIndex(where: { $0.id == id }) else { return false }
      start = known + 1
    } else if journal.count == Self.listLimit {
      return false
    }
    return !journal[start...].contains(where: \.isRewound)
  }
}
