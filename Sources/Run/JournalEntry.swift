/// A command that a run carried out: who changed what, when.
package struct JournalEntry: Codable, Sendable, Equatable {
  /// The command's id; a second one with the same id is not carried out again.
  package var id: String
  package var time: Double
  /// The step that is the first to feel it.
  package var step: Int
  /// Who sent it: `dino set (anna@workstation)`; `recipe` for a phase that began as planned.
  package var client: String
  /// `pause`, `resume`, `checkpoint`, `stop`, `set`, `phase`, `back`.
  package var command: String
  /// For `back`: the id of the `phase` that it undoes. For `set`: the schedule, its value before and after (`new` nil: back to the recipe's
  /// schedule), and the steps over which it goes from one to the other.
  package var key: String?
  package var old: Double?
  package var new: Double?
  package var over: Int?
  /// For `phase`: the phase that began and those after it, in full, as one line of YAML.
  package var definition: String?

  package init(
    id: String, time: Double, step: Int, client: String, command: String, key: String? = nil,
    old: Double? = nil, new: Double? = nil, over: Int? = nil, definition: String? = nil
  ) {
    self.id = id
    self.time = time
    self.step = step
    self.client = client
    self.command = command
    self.key = key
    self.old = old
    self.new = new
    self.over = over
    self.definition = definition
  }
}

extension JournalEntry {
  /// The client in entries that the run made of itself, which no client of the wire may call itself.
  package static let reservedClient = "recipe"
}

extension [JournalEntry] {
  /// What still holds: without a phase that was gone back from and what came within it.
  package var effective: [JournalEntry] {
    var kept: [JournalEntry] = []
    for entry in self {
      if entry.command == "back", let start = kept.firstIndex(where: { $0.id == entry.key }) {
        kept.removeSubrange(start...)
      }
      kept.append(entry)
    }
    return kept
  }
}
