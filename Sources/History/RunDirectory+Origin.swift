import FoundationEssentials
import Run
import Support

extension RunDirectory {
  /// Returns the run and step from which this run began; `nil` if it began from a recipe alone.
  /// Throws if that cannot be read.
  package func origin() throws(FileError) -> RunOrigin? {
    guard try FileSystem.status(originFile) != nil else { return nil }
    let bytes = try WholeFile.read(originFile, limit: 1 << 16)
    guard let origin = PortableJSON.decode(RunOrigin.self, Data(bytes)) else {
      throw FileError(
        file: originFile, what: "does not say from which run \(name) began",
        remedy: "bring the file back from a backup", cause: .damage)
    }
    return origin
  }

  /// Returns the run from which this one branched; `nil` if it is no branch.
  package func branchOrigin() throws(FileError) -> RunOrigin? {
    try origin().flatMap { $0.kind == RunOrigin.branch ? $0 : nil }
  }

  /// Whether this is a branch that was interrupted before its first checkpoint was in place.
  package func isUnfinishedBranch() throws(FileError) -> Bool {
    guard try branchOrigin() != nil else { return false }
    return try FileSystem.names(in: checkpoints).allSatisfy { $0.hasPrefix(".") }
  }

  /// Records the run from which this one begins. The run's folder must exist.
  package func write(_ origin: RunOrigin) throws(HistoryError) {
    let json = PortableJSON.encode(origin)
    do throws(FileError) {
      try WholeFile.write(String(decoding: json, as: UTF8.self), to: originFile)
    } catch {
      throw HistoryError(error)
    }
  }

  /// Returns the directory of another run in the same parent folder.
  package func sibling(_ name: String) -> RunDirectory {
    let parent = String(path.dropLast(self.name.count + 1))
    return RunDirectory(name: name, parent: parent == Self.defaultParent ? nil : parent)
  }
}
