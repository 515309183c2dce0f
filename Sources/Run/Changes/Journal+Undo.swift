extension Journal {
  /// Returns the id of the change that takes back the one with an id. So a change is taken back once,
  /// however often that is asked for, and the journal says which one it was.
  package static func undoing(_ id: String) -> String { undoPrefix + id }

  private static let undoPrefix = "undo-"

  /// Returns the id of the change that an entry takes back; `nil` if it takes back none.
  package static func undone(by id: String) -> String? {
    id.hasPrefix(undoPrefix) ? String(id.dropFirst(undoPrefix.count)) : nil
  }

  /// Returns the beginning of an id, as lists show it. Ids are random, so it tells them apart.
  package static func short(_ id: String) -> String {
    undone(by: id).map { undoPrefix + short($0) } ?? String(id.prefix(8))
  }

  /// The change that is taken back if none is named: the last in force that decides what is computed,
  /// was not taken back and takes back no other; `nil` if there is none.
  package var lastUndoable: JournalEntry? {
    inForce.last { entry in
      switch entry.change {
      case .set: break
      case .rewind where entry.set != nil: break
      case .phase where !entry.isPlanned: break
      default: return false
      }
      return Self.undone(by: entry.id) == nil && self.entry(Self.undoing(entry.id)) == nil
    }
  }

  /// Returns what became of an entry, in words; `nil` if it is in force as it was made.
  package func fate(of entry: JournalEntry) -> String? {
    if !inForce.contains(where: { $0.id == entry.id }) { return "dropped with its phase" }
    if let undo = self.entry(Self.undoing(entry.id)) {
      return "taken back from step \(undo.step) on"
    }
    return Self.undone(by: entry.id).map { "takes back \(Self.short($0))" }
  }
}
