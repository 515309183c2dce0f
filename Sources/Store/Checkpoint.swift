import Support

/// A checkpoint on the disk: a folder of files with a manifest.
package struct Checkpoint: Sendable, Equatable {
  /// The checkpoint's folder.
  package let path: String
  /// The manifest as it was read when the checkpoint was opened.
  package let manifest: Manifest

  /// The number of training steps done.
  package var step: Int { manifest.step }
  /// The name that a user gave the checkpoint, or `nil`.
  package var name: String? { manifest.name }
  /// Whether training went on soundly from here; see `CheckpointStore.markSound(step:)`.
  package var isSound: Bool { manifest.isSound }
  /// The size of all files in bytes.
  package var bytes: Int { manifest.files.reduce(0) { $0 + $1.size } }

  /// Returns the path of one of the checkpoint's files.
  package func file(_ name: String) -> String { path + "/" + name }

  /// Opens one of the checkpoint's safetensors files.
  package func tensors(_ name: String) throws(FileError) -> SafetensorsFile {
    try SafetensorsFile(path: file(name))
  }

  /// Reads one of the checkpoint's text files.
  package func text(_ name: String) throws(FileError) -> String {
    try FileInput.text(of: file(name), limit: 1 << 30)
  }

  /// Opens the checkpoint in a folder.
  ///
  /// Reads the manifest and compares the files' sizes with it. No file is read, so this is cheap;
  /// `verify()` compares the checksums too.
  package init(path: String) throws(FileError) {
    self.path = path
    manifest = try Manifest(readingFrom: path)
    for record in manifest.files {
      guard record.isPlainName else {
        throw FileError(
          file: path, what: "its manifest names a file outside it, \(shown(record.name))",
          remedy: "do not use it", cause: .damage)
      }
      let size = try FileSystem.status(file(record.name))?.size
      guard size == record.size else {
        throw FileError(
          file: file(record.name),
          what: size.map { "has \($0) bytes instead of \(record.size)" } ?? "is missing",
          remedy: "use an older checkpoint", cause: .damage)
      }
    }
  }

  /// Reads every file and compares its checksum with the manifest.
  package func verify() throws(FileError) {
    for record in manifest.files {
      guard FilePart.cover(record.parts, size: record.size),
        try FileInput.parts(record.parts.map(\.size), of: file(record.name)) == record.parts
      else {
        throw FileError(
          file: file(record.name), what: "is damaged: it does not match its checksum",
          remedy: "use an older checkpoint", cause: .damage)
      }
    }
  }
}
