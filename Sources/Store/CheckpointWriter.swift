import Glibc
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

  /// Adds a safetensors file whose values several processes write.
  ///
  /// - Parameter body: has the values written to the file at a path, by `FilePartsOutput` in any process,
  ///   and returns all parts that were written.
  package func addTensors(
    _ name: String, _ sources: [TensorSource], metadata: [String: String],
    body: (_ path: String, SafetensorsLayout) throws(FileError) -> [FilePart]
  ) throws(FileError) {
    files.append(
      try SafetensorsWriter.write(sources, metadata: metadata, to: path(name), body: body))
  }

  /// Calls `body` with the absolute path of an empty file that is in the checkpoint's folder meanwhile, so
  /// that other processes can find out whether they can write there. Nothing else has its name.
  package func withProbe<Result>(_ body: (String) -> Result) throws(FileError) -> Result {
    let number = UInt64.random(in: .min ... .max)
    let path = FilePath.absolute(folder + "/.probe-" + String(number, radix: 16))
    let file = FileSystem.open(path, O_WRONLY | O_CREAT | O_EXCL)
    guard file >= 0 else { throw FileError(path, cannot: "be created") }
    close(file)
    let result = body(path)
    try FileSystem.removeFile(path)
    return result
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
