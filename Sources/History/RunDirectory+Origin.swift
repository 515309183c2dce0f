import FoundationEssentials
import Run
import Support

extension RunDirectory {
  /// The run and step from which this run began; `nil` if it began from a recipe alone.
  package var origin: RunOrigin? {
    guard let bytes = try? WholeFile.read(originFile, limit: 1 << 16) else { return nil }
    return try? JSONDecoder().decode(RunOrigin.self, from: Data(bytes))
  }

  /// Whether this is a branch that was interrupted before its first checkpoint was in place.
  package var isUnfinishedBranch: Bool {
    let states = try? FileSystem.names(in: checkpoints)
    return origin?.kind == RunOrigin.branch
      && !(states ?? []).contains { !$0.hasPrefix(".") }
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
