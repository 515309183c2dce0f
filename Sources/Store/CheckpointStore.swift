import Support

/// The checkpoints of a run: `000001000/`, `000002000/`, … in one folder.
///
/// A checkpoint appears complete or not at all: it is written to `.STEP.partial-PID` beside its
/// place, its manifest last, and renamed. Whatever else bears a dot in front is the remainder of a
/// process that was killed. One process writes, as the run's lock sees to, one checkpoint at a time;
/// any may read.
package struct CheckpointStore: Sendable {
  package let directory: String
  /// The program and version that manifests name.
  package let program: String

  /// Names the folder; nothing is read or made yet.
  package init(directory: String, program: String = "dino") {
    self.directory = directory
    self.program = program
  }

  /// Where the checkpoint of a step lies.
  package func path(step: Int) -> String { directory + "/" + Self.folderName(step) }

  /// The checkpoints whose manifest is sound and whose files have the right sizes, oldest first.
  package func list() throws(FileError) -> [Checkpoint] {
    try steps().compactMap { try? checkpoint(step: $0) }
  }

  /// The checkpoint of a step; an error says why it cannot be used. Its checksums are not read.
  package func checkpoint(step: Int) throws(FileError) -> Checkpoint {
    let checkpoint = try Checkpoint(path: path(step: step))
    guard checkpoint.step == step else {
      throw FileError(
        file: checkpoint.path, what: "holds step \(checkpoint.step)",
        remedy: "give the folder its own step's name again")
    }
    return checkpoint
  }

  /// The newest checkpoint that is whole to the last bit, or nil; `onDamaged` is told of each newer
  /// one that is not, in one line.
  package func latestIntact(onDamaged: (String) -> Void) throws(FileError) -> Checkpoint? {
    for step in try steps().reversed() {
      do throws(FileError) {
        let checkpoint = try checkpoint(step: step)
        try checkpoint.verify()
        return checkpoint
      } catch {
        onDamaged(error.description)
      }
    }
    return nil
  }

  /// The steps that have a folder, whatever is in it, rising.
  private func steps() throws(FileError) -> [Int] {
    try FileSystem.names(in: directory).compactMap { name in
      Int(name).flatMap { Self.folderName($0) == name ? $0 : nil }
    }.sorted()
  }

  /// Nine digits, so that folders sort by step.
  static func folderName(_ step: Int) -> String {
    let digits = String(step)
    return String(repeating: "0", count: max(0, 9 - digits.count)) + digits
  }
}
