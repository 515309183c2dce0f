import Glibc
import Support

extension CheckpointStore {
  /// Takes over a checkpoint of another store: its files are linked, or copied to another file
  /// system, for no checkpoint is ever written to. It appears whole or not at all.
  package func adopt(_ checkpoint: Checkpoint) throws(FileError) {
    try FileSystem.makeFolder(directory)
    let partial = directory + "/.\(Self.folderName(checkpoint.step)).partial-\(getpid())"
    try FileSystem.makeFolder(partial)
    do throws(FileError) {
      for name in checkpoint.manifest.files.map(\.name) + [Manifest.fileName] {
        try FileSystem.linkOrCopy(checkpoint.file(name), to: partial + "/" + name)
      }
      try FileSystem.move(partial, to: path(step: checkpoint.step))
    } catch {
      try? FileSystem.remove(partial)
      throw error
    }
    try FileSystem.flushFolder(directory)
  }
}

extension FileSystem {
  /// Gives a file a second name, or a copy where that is on another file system.
  fileprivate static func linkOrCopy(_ path: String, to target: String) throws(FileError) {
    if link(path, target) == 0 { return }
    try copy(path, to: target)
    try flushFile(target)
  }
}
