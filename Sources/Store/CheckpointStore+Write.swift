import Glibc
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
    try recover()
    let partial = leftoverPath(step, .partial)
    guard mkdir(partial, 0o777) == 0 else { throw FileError(partial, cannot: "be created") }
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

  /// Removes all unnamed checkpoints except the newest `keep` and those of the `protected` steps.
  /// Named checkpoints and damaged ones are kept. Returns the removed steps.
  @discardableResult
  package func prune(
    keep: Int, protected: Set<Int> = []
  ) throws(FileError) -> [Int] {
    let steps = try list().filter { $0.name == nil }.map(\.step).dropLast(max(keep, 0))
      .filter { !protected.contains($0) }
    try remove(steps)
    return steps
  }

  /// Removes the checkpoints of the given steps.
  package func remove(_ steps: [Int]) throws(FileError) {
    for step in steps {
      // Renamed first, so that an interrupted removal leaves no damaged checkpoint.
      let removed = leftoverPath(step, .removed)
      try FileSystem.move(path(step: step), to: removed)
      try FileSystem.remove(removed)
    }
    if !steps.isEmpty { try FileSystem.flushFolder(directory) }
  }

  /// Makes the store's folder and cleans up after processes that were killed while they wrote.
  /// Called by the process that holds the run's lock, before it reads the latest checkpoint.
  package func recover() throws(FileError) {
    try FileSystem.makeFolder(directory)
    for name in try FileSystem.names(in: directory) {
      guard let leftover = Leftover(name), !leftover.isInUse else { continue }
      let path = directory + "/" + name
      if leftover.kind == .replaced, !FileSystem.exists(self.path(step: leftover.step)) {
        try FileSystem.move(path, to: self.path(step: leftover.step))
      } else {
        try FileSystem.remove(path)
      }
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

  private func leftoverPath(_ step: Int, _ kind: Leftover.Kind) -> String {
    directory + "/" + Leftover(step: step, kind: kind, process: getpid()).name
  }
}

/// A temporary folder next to the checkpoints that exists while one is written, replaced or
/// removed, such as `.000001000.partial-4711`.
private struct Leftover {
  enum Kind: String { case partial, replaced, removed }

  let step: Int
  let kind: Kind
  /// The process that made the folder.
  let process: pid_t

  var name: String { ".\(CheckpointStore.folderName(step)).\(kind.rawValue)-\(process)" }

  /// Whether another process that is still running made the folder.
  var isInUse: Bool { process != getpid() && PartialPath.isRunning(process) }
}

extension Leftover {
  /// Parses a folder's name. Returns `nil` if it is not the name of a leftover.
  init?(_ name: String) {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0].isEmpty, let step = Int(parts[1]) else { return nil }
    let ending = parts[2].split(separator: "-")
    guard ending.count == 2, let kind = Kind(rawValue: String(ending[0])),
      let process = pid_t(ending[1]), process > 0
    else { return nil }
    self.init(step: step, kind: kind, process: process)
    guard self.name == name else { return nil }
  }
}
