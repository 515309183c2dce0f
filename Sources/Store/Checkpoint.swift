import Support

/// A checkpoint in the store: a folder of files with a manifest.
package struct Checkpoint: Sendable, Equatable {
  /// Its folder.
  package let path: String
  package let manifest: Manifest

  /// Training steps done.
  package var step: Int { manifest.step }
  /// The name that a person gave it.
  package var name: String? { manifest.name }

  /// Where one of its files lies.
  package func file(_ name: String) -> String { path + "/" + name }

  /// Opens one of its tensor files.
  package func tensors(_ name: String) throws(FileError) -> SafetensorsFile {
    try SafetensorsFile(path: file(name))
  }

  /// One of its text files.
  package func text(_ name: String) throws(FileError) -> String {
    try FileInput.text(of: file(name), limit: 1 << 30)
  }

  /// Reads a checkpoint's manifest and checks that its files are there with the right sizes; cheap,
  /// since no file is read.
  package init(path: String) throws(FileError) {
    self.path = path
    manifest = try Manifest(readingFrom: path)
    for record in manifest.files {
      guard record.isPlainName else {
        throw FileError(
          file: path, what: "its manifest names a file outside it, \(shown(record.name))",
          remedy: "do not use it")
      }
      let size = try FileInput(path: file(record.name)).size
      guard size == record.size else {
        throw FileError(
          file: file(record.name), what: "has \(size) bytes instead of \(record.size)",
          remedy: "take an older checkpoint")
      }
    }
  }

  /// Reads every file and compares its checksum with the manifest's.
  package func verify() throws(FileError) {
    for record in manifest.files {
      let found = try FileInput.checksum(of: file(record.name))
      guard found == (record.size, record.checksum) else {
        throw FileError(
          file: file(record.name), what: "is damaged: it does not match its checksum",
          remedy: "take an older checkpoint")
      }
    }
  }
}

extension FileRecord {
  /// Whether the name stays within its folder.
  var isPlainName: Bool { !name.isEmpty && name != "." && name != ".." && !name.contains("/") }
}
