import FoundationEssentials
import Recipe
import Run
import Schedule
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

extension GradientNorms {
  /// The norms as a checkpoint stores them.
  var json: String { String(decoding: PortableJSON.encode(self), as: UTF8.self) }
}

extension Checkpoint {
  static let normsFile = "norms.json"

  /// Returns the gradient norms of the steps up to the checkpoint; none if a phase begins with it, or if
  /// the checkpoint is of a version that did not store them.
  func norms(before phase: Phase) throws(FileError) -> GradientNorms {
    guard step >= phase.first, try FileSystem.status(file(Self.normsFile)) != nil else {
      return GradientNorms()
    }
    let json = try text(Self.normsFile)
    guard let norms = PortableJSON.decode(GradientNorms.self, Data(json.utf8)) else {
      throw FileError(
        file: file(Self.normsFile), what: "is not the record of gradient norms",
        remedy: "use an older checkpoint", cause: .damage)
    }
    return norms
  }
}
