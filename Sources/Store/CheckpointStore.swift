import Support

/// The checkpoints of a run, as the folders `000001000`, `000002000`, … in one directory.
///
/// A checkpoint appears complete or not at all: it is written to `.STEP.partial`, its manifest
/// last, and then renamed. All other names that begin with a dot are left over from processes that
/// were killed. One process at a time writes, as the run's lock ensures, and it writes one
/// checkpoint at a time. Any process may read.
package struct CheckpointStore: Sendable {
  /// The directory that holds the checkpoints' folders.
  package let directory: String
  /// The program and version that manifests record.
  package let program: String

  /// Creates a store for a directory. Nothing is read or made yet.
  package init(directory: String, program: String = "dino") {
    self.directory = directory
    self.program = program
  }

  /// Returns the path of a step's checkpoint.
  package func path(step: Int) -> String { directory + "/" + Self.folderName(step) }

  /// Returns the usable checkpoints, oldest first.
  /// A checkpoint is usable if its manifest is valid and its files have the right sizes; checksums
  /// are not compared.
  package func list() throws(FileError) -> [Checkpoint] {
    try steps().compactMap { try? checkpoint(step: $0) }
  }

  /// Returns the checkpoint of a step. Throws an error that says why it cannot be used.
  /// Checksums are not compared.
  package func checkpoint(step: Int) throws(FileError) -> Checkpoint {
    let checkpoint = try Checkpoint(path: path(step: step))
    guard checkpoint.step == step else {
      throw FileError(
        file: checkpoint.path, what: "holds step \(checkpoint.step)",
        remedy: "rename the folder back to its own step")
    }
    return checkpoint
  }

  /// Returns the newest checkpoint whose files all match their checksums, or `nil` if there is
  /// none. Throws if a newer one cannot be read for another reason than damage, such as a failing
  /// disk, since what it holds is not lost.
  ///
  /// - Parameter onDamaged: called for each newer checkpoint that is damaged, with its step and a
  ///   one-line message.
  package func latestIntact(
    onDamaged: (_ step: Int, _ reason: String) -> Void
  ) throws(FileError) -> Checkpoint? {
    for step in try steps().reversed() {
      do throws(FileError) {
        let checkpoint = try checkpoint(step: step)
        try checkpoint.verify()
        return checkpoint
      } catch {
        guard error.cause == .damage else { throw error }
        onDamaged(step, error.description)
      }
    }
    return nil
  }

  /// The steps that have a folder, whatever it contains, in ascending order.
  package func steps() throws(FileError) -> [Int] {
    try FileSystem.names(in: directory).compactMap { name in
      Int(name).flatMap { Self.folderName($0) == name ? $0 : nil }
    }.sorted()
  }

  /// The name of a step's folder: at least nine digits, so that names sort by step.
  static func folderName(_ step: Int) -> String {
    let digits = String(step)
    return String(repeating: "0", count: max(0, 9 - digits.count)) + digits
  }
}
