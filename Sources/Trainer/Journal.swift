import FoundationEssentials
import Run
import Store
import Support

extension Journal {
  /// As a checkpoint keeps it.
  var json: String {
    String(decoding: (try? JSONEncoder().encode(entries)) ?? Data("[]".utf8), as: UTF8.self)
  }
}

extension Checkpoint {
  static let journalFile = "journal.json"

  /// The changes that had been made.
  package var journal: Journal {
    get throws {
      Journal(
        try JSONDecoder().decode(
          [JournalEntry].self, from: Data(try text(Self.journalFile).utf8)))
    }
  }
}
