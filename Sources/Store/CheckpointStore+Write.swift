import Glibc
import Support

extension CheckpointStore {
  /// Writes the checkpoint of a step: `body` adds its files, then it appears at once, complete and
  /// on the disk. One that the step has already is replaced, and keeps its name if the new one has
  /// none. A write that fails leaves nothing and touches no other checkpoint.
  @discardableResult
  package func write(
    step: Int, name: String? = nil, info: [String: String] = [:],
    body: (CheckpointWriter) throws(FileError) -> Void
  ) throws(FileError) -> Checkpoint {
    try recover()
    let partial = leftoverPath(step, .partial)
    guard mkdir(partial, 0o777) == 0 else { throw FileError(partial, cannot: "be made") }
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

  /// Removes all but the newest `keep` unnamed checkpoints and those of `protected` steps; named and
  /// damaged ones stay. Gives the steps removed.
  @discardableResult
  package func prune(
    keep: Int, protected: Set<Int> = []
  ) throws(FileError) -> [Int] {
    let steps = try list().filter { $0.name == nil }.map(\.step).dropLast(max(keep, 0))
      .filter { !protected.contains($0) }
    try remove(steps)
    return steps
  }

  /// Removes the checkpoints of steps.
  package func remove(_ steps: [Int]) throws(FileError) {
    for step in steps {
      // Renamed first: a removal that is interrupted leaves no damaged checkpoint.
      let removed = leftoverPath(step, .removed)
      try FileSystem.move(path(step: step), to: removed)
      try FileSystem.remove(removed)
    }
    if !steps.isEmpty { try FileSystem.flushFolder(directory) }
  }

  /// Makes the folder, and clears up after processes that were killed while they wrote. Called
  /// before a run reads its latest checkpoint, by the process that holds the run's lock.
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

  /// Puts a complete folder in the checkpoint's place. One that is there steps aside first: folders
  /// cannot be exchanged at one stroke on every file system, and `recover` puts the old one back
  /// after a kill between the two moves.
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

/// A folder that stands beside the checkpoints while one is written, replaced or removed:
/// `.000001000.partial-4711`.
private struct Leftover {
  enum Kind: String { case partial, replaced, removed }

  let step: Int
  let kind: Kind
  /// The process that made it.
  let process: pid_t

  var name: String { ".\(CheckpointStore.folderName(step)).\(kind.rawValue)-\(process)" }

  /// Whether another process is at work on it.
  var isInUse: Bool { process != getpid() && PartialPath.isRunning(process) }
}

extension Leftover {
  /// Takes a folder's name apart; nil if it is none of ours.
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
