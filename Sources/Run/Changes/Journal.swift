/// All changes that were made to a run, in the order in which they were asked for.
///
/// It is appended to and never cut: what was undone stands in it with the entry that undid it. What
/// holds now is a fold over it, `inForce`. A value type; whoever holds it owns it.
package struct Journal: Sendable, Equatable {
  package private(set) var entries: [JournalEntry] = []
  private var ids: Set<String> = []

  package init(_ entries: some Sequence<JournalEntry> = []) {
    for entry in entries { append(entry) }
  }

  /// Adds an entry; false where one of its id is there already.
  @discardableResult
  package mutating func append(_ entry: JournalEntry) -> Bool {
    guard ids.insert(entry.id).inserted else { return false }
    entries.append(entry)
    return true
  }

  /// The entry of an id; nil where there is none.
  package func entry(_ id: String) -> JournalEntry? {
    ids.contains(id) ? entries.last { $0.id == id } : nil
  }

  /// This journal, a checkpoint's, with what was asked for after it: of two changes to a schedule the
  /// later one counts, though a run that went back to a checkpoint in between may feel it at an
  /// earlier step.
  package func merging(_ later: Journal) -> Journal {
    var merged = self
    for entry in later.entries { merged.append(entry) }
    return merged
  }

  /// What still holds: without a phase that was gone back from, and without what came within it.
  package var inForce: [JournalEntry] { entries.inForce }

  /// The change that takes an entry back from now on; nil where nothing can, or where the entry does
  /// not hold any more.
  package func inverse(of id: String) -> Change? {
    let inForce = inForce
    guard let index = inForce.lastIndex(where: { $0.id == id }) else { return nil }
    return inForce[index].change.kind.inverse(inForce[index], Array(inForce[..<index]))
  }
}

extension [JournalEntry] {
  /// What still holds of a part of a journal; see `Journal.inForce`.
  package var inForce: [JournalEntry] {
    var kept: [JournalEntry] = []
    for entry in self {
      if case .undoes(let id) = entry.effect, let start = kept.firstIndex(where: { $0.id == id }) {
        kept.removeSubrange(start...)
      }
      kept.append(entry)
    }
    return kept
  }
}
