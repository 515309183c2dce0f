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
    get throws(FileError) {
      let json = try text(Self.journalFile)
      guard let entries = PortableJSON.decode([JournalEntry].self, Data(json.utf8)) else {
        throw FileError(
          file: file(Self.journalFile), what: "is not the journal of a run",
          remedy: "use an older checkpoint", cause: .damage)
      }
      return Journal(entries)
    }
  }
}
