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
    if let undone = undone(by: id) { return undoPrefix + short(undone) }
    guard let group = group(of: id) else { return String(id.prefix(8)) }
    return short(group) + id.dropFirst(group.count)
  }

  /// Returns the ids of the entries of a request for several changes together.
  package static func members(of id: String, count: Int) -> [String] {
    (1...count).map { "\(id)\(groupMark)\($0)" }
  }

  /// Returns the id of the request with which others were made together with an entry; `nil` if it was
  /// made alone.
  package static func group(of id: String) -> String? {
    guard let mark = id.lastIndex(of: groupMark), Int(id[id.index(after: mark)...]) != nil else {
      return nil
    }
    return String(id[..<mark])
  }

  private static let groupMark: Character = "/"

  /// Returns the entries that a request made: one, or several together; none if it is not known.
  package func entries(of id: String) -> [JournalEntry] {
    entries.filter { $0.id == id || Self.group(of: $0.id) == id }
  }

  /// Returns the id by which an entry is taken back together with those that were made with it. If one
  /// of those was taken back already, it is the entry's own.
  package func undoableID(_ entry: JournalEntry) -> String {
    guard let group = Self.group(of: entry.id), entries(of: group).count > 1 else {
      return entry.id
    }
    let isWhole = entries(of: group).allSatisfy { self.entry(Self.undoing($0.id)) == nil }
    return isWhole ? group : entry.id
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
    return Self.undone(by: entry.id).map { id in
      let undone = self.entry(id) ?? entries(of: id).first
      return undone.map { "takes back that of step \($0.step)" } ?? "takes back \(Self.short(id))"
    }
  }
}
