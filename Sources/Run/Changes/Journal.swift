/// All changes that were made to a run, in the order in which they were requested.
///
/// The journal only grows. A change that was undone stays in it, followed by the entry that undid
/// it. `inForce` folds the journal into the entries that still apply. This is a value type;
/// whoever holds a copy owns it.
package struct Journal: Sendable, Equatable {
  /// All entries, including those that were undone.
  package private(set) var entries: [JournalEntry] = []
  private var ids: Set<String> = []

  /// Creates a journal from entries; repeated ids are dropped.
  package init(_ entries: some Sequence<JournalEntry> = []) {
    for entry in entries { append(entry) }
  }

  /// Appends an entry. Returns `false` and changes nothing if the journal already has an entry
  /// with the same id.
  @discardableResult
  package mutating func append(_ entry: JournalEntry) -> Bool {
    guard ids.insert(entry.id).inserted else { return false }
    entries.append(entry)
    return true
  }

  /// Returns the entry with the given id; `nil` if there is none.
  package func entry(_ id: String) -> JournalEntry? {
    ids.contains(id) ? entries.last { $0.id == id } : nil
  }

  /// Returns this journal (a checkpoint's) followed by those entries of `later` that it does not
  /// have. Of two changes to one schedule the later entry counts, even if it applies from an
  /// earlier step because the run went back to a checkpoint in between.
  package func merging(_ later: Journal) -> Journal {
    var merged = self
    for entry in later.entries { merged.append(entry) }
    return merged
  }

  /// The entries that still apply. A phase that was undone is left out, together with all entries
  /// made within it.
  package var inForce: [JournalEntry] { entries.inForce }

  /// Returns the change that reverts an entry, or all entries of a request, from now on; `nil` if it
  /// cannot be reverted or is no longer in force.
  package func inverse(of id: String) -> Change? {
    let members = entries(of: id)
    if members.count > 1 {
      let sets = members.compactMap { entry -> SetSchedule? in
        if case .set(let set)? = inverse(of: entry.id) { set } else { nil }
      }
      return sets.count == members.count ? .together(sets) : nil
    }
    let inForce = inForce
    let id = members.first?.id ?? id
    guard let index = inForce.lastIndex(where: { $0.id == id }) else { return nil }
    return inForce[index].change.kind.inverse(inForce[index], Array(inForce[..<index]))
  }
}

extension [JournalEntry] {
  /// The entries of this part of a journal that still apply; see `Journal.inForce`.
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
