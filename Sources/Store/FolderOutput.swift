import Support

/// A folder that is written file by file and appears under its name only when it is complete and
/// flushed to the disk. A write that fails leaves nothing behind.
package struct FolderOutput {
  private let partial: String

  /// Writes a new folder; `body` adds the files.
  /// Throws if a file or a folder that is not empty exists at `path`, and leaves it unchanged.
  package static func write(
    _ path: String, body: (FolderOutput) throws(FileError) -> Void
  ) throws(FileError) {
    try checkIsVacant(path)
    let parent = FilePath.parent(of: path)
    try FileSystem.makeFolder(parent)
    let output = FolderOutput(partial: PartialPath.claim(path, hidden: true))
    try FileSystem.remove(output.partial)
    try FileSystem.makeFolder(output.partial)
    do throws(FileError) {
      try body(output)
      try FileSystem.flushFolder(output.partial)
      try FileSystem.move(output.partial, to: path)
    } catch {
      try? FileSystem.remove(output.partial)
      throw error
    }
    try FileSystem.flushFolder(parent)
  }

  /// Throws if a file or a folder that is not empty exists at `path`.
  /// Commands also call this before long work, to fail early.
  package static func checkIsVacant(_ path: String) throws(FileError) {
    guard FileSystem.exists(path) else { return }
    let isFolder = FileSystem.isFolder(path)
    guard isFolder, try FileSystem.names(in: path).isEmpty else {
      throw FileError(
        file: path, what: isFolder ? "is a folder that is not empty" : "is a file",
        remedy: "give the path of a new folder")
    }
  }

  /// Adds a text file in UTF-8.
  package func addText(_ name: String, _ text: String) throws(FileError) {
    _ = try FileOutput.write(text, to: file(name))
  }

  /// Adds a safetensors file.
  package func addTensors(
    _ name: String, _ sources: [TensorSource], metadata: [String: String]
  ) throws(FileError) {
    try SafetensorsWriter.write(sources, metadata: metadata, to: file(name))
  }

  /// Returns the path at which to write a file of the folder in a format that this type does not
  /// write.
  package func file(_ name: String) -> String { partial + "/" + name }
}
