import Support

extension CheckpointStore {
  /// Writes the checkpoint of a step.
  ///
  /// `body` adds the files. The checkpoint then appears in one move, complete and flushed to the
  /// disk. A checkpoint that the step already has is replaced; its name is kept unless `name` gives
  /// a new one. A write that fails leaves nothing behind and touches no other checkpoint.
  @discardableResult
  package func write(
    step: Int, name: String? = nil, info: [String: String] = [:],
    body: (CheckpointWriter) throws(FileError) -> Void
  ) throws(FileError) -> Checkpoint {
    // A run's folder that was moved away must not be made again.
    try recover(parents: false)
    let partial = leftoverPath(step, .partial)
    try FileSystem.makeFolder(partial, parents: false)
    do throws(FileError) {
      let writer = CheckpointWriter(folder: partial)
      try body(writer)
      let earlier = try? checkpoint(step: step)
      let manifest = Manifest(
        program: program, step: step, time: Clock.wall(), name: name ?? earlier?.name, info: info,
        files: writer.files)
      _ = try FileOutput.write(manifest.text, to: partial + "/" + Manifest.fileName)
      try publish(partial, step)
    } catch {
      try? FileSystem.remove(partial)
      throw error
    }
    return try checkpoint(step: step)
  }

  /// Records in the manifest that the step after a checkpoint was sound, so that later daemons know
  /// it. The other files are not touched.
  package func markSound(step: Int) throws(FileError) {
    let checkpoint = try checkpoint(step: step)
    guard !checkpoint.isSound else { return }
    try WholeFile.write(
      checkpoint.manifest.markedSound.text, to: checkpoint.file(Manifest.fileName))
  }

  /// Renames a damaged checkpoint to `STEP.damaged`, so that it is neither taken for the newest one
  /// nor lost. Returns the new path.
  package func setAside(step: Int) throws(FileError) -> String {
    let aside = path(step: step) + ".damaged"
    try FileSystem.remove(aside)
    try FileSystem.move(path(step: step), to: aside)
    try FileSystem.flushFolder(directory)
    return aside
  }

  /// Removes the checkpoints of the given steps.
  package func remove(_ steps: [Int]) throws(FileError) {
    guard !steps.isEmpty else { return }
    // Renamed first, on the disk too, so that an interrupted removal leaves no damaged checkpoint.
    for step in steps {
      try FileSystem.move(path(step: step), to: leftoverPath(step, .removed))
    }
    try FileSystem.flushFolder(directory)
    for step in steps { try FileSystem.remove(leftoverPath(step, .removed)) }
  }

  /// Makes the store's folder and cleans up after processes that were killed while they wrote.
  /// Called by the process that holds the run's lock, before it reads the latest checkpoint. Nobody
  /// else writes then, so every leftover is stale, whatever its name.
  package func recover() throws(FileError) { try recover(parents: true) }

  private func recover(parents: Bool) throws(FileError) {
    try FileSystem.makeFolder(directory, parents: parents)
    var stale: [String] = []
    for name in try FileSystem.names(in: directory) {
      guard let leftover = Leftover(name) else { continue }
      let path = directory + "/" + name
      if leftover.kind == .replaced, !FileSystem.exists(self.path(step: leftover.step)) {
        try FileSystem.move(path, to: self.path(step: leftover.step))
      } else {
        stale.append(path)
      }
    }
    // A process that was killed may have renamed folders without flushing that. A power cut would
    // undo it, even after the caller has relied on a new checkpoint, or after an old one's files are
    // gone.
    try FileSystem.flushFolder(directory)
    for path in stale { try FileSystem.remove(path) }
    for step in try steps() { removeStaleManifests(in: path(step: step)) }
  }

  /// Removes what a `markSound(step:)` that was interrupted left in a checkpoint. It does no harm
  /// where it cannot be removed.
  private func removeStaleManifests(in folder: String) {
    for name in (try? FileSystem.names(in: folder)) ?? []
    where name.hasPrefix(Manifest.fileName + ".") {
      try? FileSystem.removeFile(folder + "/" + name)
    }
  }

  /// Moves a complete folder to the checkpoint's path.
  /// An existing checkpoint is moved aside first, since not every file system can exchange two
  /// folders atomically. After a kill between the two moves, `recover` moves the old one back.
  private func publish(_ partial: String, _ step: Int) throws(FileError) {
    let target = path(step: step)
    let replaced = leftoverPath(step, .replaced)
    let isReplacing = FileSystem.exists(target)
    if isReplacing { try FileSystem.move(target, to: replaced) }
    do throws(FileError) {
      try FileSystem.move(partial, to: target)
    } catch {
      if isReplacing { try FileSystem.move(replaced, to: target) }
      throw error
    }
    try FileSystem.flushFolder(directory)
    if isReplacing { try FileSystem.remove(replaced) }
  }
}
