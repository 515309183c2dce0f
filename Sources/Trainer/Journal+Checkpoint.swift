import FoundationEssentials
import Run
import Store
import Support

extension Journal {
  /// The journal as a checkpoint stores it.
  var json: String {
    String(decoding: PortableJSON.encode(entries), as: UTF8.self)
  }
}

extension Checkpoint {
  static let journalFile = "journal.json"

  /// The changes that were made up to the checkpoint. Throws if the file cannot be read or
  /// decoded.
  package var journal: Journal {
    get throws {
      Journal(
        try JSONDecoder().decode(
          [JournalEntry].self, from: Data(try text(Self.journalFile).utf8)))
    }
  }
}
