import FoundationEssentials
import Run
import Store
import Support

extension Journal {
  /// As a checkpoint keeps it.
  var json: String {
    String(decoding: PortableJSON.encode(entries), as: UTF8.self)
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
