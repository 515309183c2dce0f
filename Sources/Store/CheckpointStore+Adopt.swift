import Support

extension CheckpointStore {
  /// Adds a checkpoint of another store to this one.
  ///
  /// The files are linked, which is safe because checkpoints are never modified. They are copied if
  /// the other store is on another file system. The checkpoint appears complete or not at all.
  package func adopt(_ checkpoint: Checkpoint) throws(FileError) {
    try FileSystem.makeFolder(directory)
    let partial = leftoverPath(checkpoint.step, .partial)
    try FileSystem.remove(partial)
    try FileSystem.makeFolder(partial)
    do throws(FileError) {
      for name in checkpoint.manifest.files.map(\.name) + [Manifest.fileName] {
        try FileSystem.linkOrCopy(checkpoint.file(name), to: partial + "/" + name)
      }
      try FileSystem.flushFolder(partial)
      try FileSystem.move(partial, to: path(step: checkpoint.step))
    } catch {
      try? FileSystem.remove(partial)
      throw error
    }
    try FileSystem.flushFolder(directory)
  }
}

extension FileSystem {
  /// Links a file to a second path, or copies it if that is on another file system.
  fileprivate static func linkOrCopy(_ path: String, to target: String) throws(FileError) {
    if !link(path, to: target) { try copy(path, to: target) }
  }
}
