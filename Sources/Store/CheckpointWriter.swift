import Support

/// Adds files to a checkpoint that is being written. Valid only within `CheckpointStore.write`.
package final class CheckpointWriter {
  private let folder: String
  private(set) var files: [FileRecord] = []

  init(folder: String) { self.folder = folder }

  /// Adds a safetensors file. A checkpoint's files have distinct names.
  package func addTensors(
    _ name: String, _ sources: [TensorSource], metadata: [String: String] = [:]
  ) throws(FileError) {
    let path = path(name)
    files.append(try SafetensorsWriter.write(sources, metadata: metadata, to: path))
  }

  /// Adds a text file in UTF-8.
  package func addText(_ name: String, _ text: String) throws(FileError) {
    let path = path(name)
    files.append(try FileOutput.write(text, to: path))
  }

  private func path(_ name: String) -> String {
    precondition(
      name != Manifest.fileName && !files.contains { $0.name == name },
      "a checkpoint's files have names of their own")
    return folder + "/" + name
  }
}
