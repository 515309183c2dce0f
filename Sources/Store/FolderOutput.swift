import Support

/// A folder that is written file by file and appears under its name only when it is complete and on
/// the disk; a write that fails leaves nothing.
package struct FolderOutput {
  private let partial: String

  /// Writes a folder. One that is there and holds anything is left alone, and is an error; `body`
  /// adds the files.
  package static func write(
    _ path: String, body: (FolderOutput) throws(FileError) -> Void
  ) throws(FileError) {
    try checkRoom(path)
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

  /// Refuses a place that is taken: asked before long work, too.
  package static func checkRoom(_ path: String) throws(FileError) {
    guard FileSystem.exists(path) else { return }
    let isFolder = FileSystem.isFolder(path)
    guard isFolder, try FileSystem.names(in: path).isEmpty else {
      throw FileError(
        file: path, what: isFolder ? "is a folder with something in it" : "is a file",
        remedy: "name a folder that is not there yet")
    }
  }

  /// Adds a file of text.
  package func addText(_ name: String, _ text: String) throws(FileError) {
    _ = try FileOutput.write(text, to: file(name))
  }

  /// Adds a file of tensors.
  package func addTensors(
    _ name: String, _ sources: [TensorSource], metadata: [String: String]
  ) throws(FileError) {
    try SafetensorsWriter.write(sources, metadata: metadata, to: file(name))
  }

  /// Where a file of the folder is written, for formats that this type does not know.
  package func file(_ name: String) -> String { partial + "/" + name }
}
