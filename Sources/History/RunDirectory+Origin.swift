import FoundationEssentials
import Run
import Support

extension RunDirectory {
  /// The run that this one began from; nil: it began from nothing.
  package var origin: RunOrigin? {
    guard let data = FileManager.default.contents(atPath: originFile) else { return nil }
    return try? JSONDecoder().decode(RunOrigin.self, from: data)
  }

  /// Whether it is a branch whose making was cut off before it had its state.
  package var isUnfinishedBranch: Bool {
    let states = try? FileManager.default.contentsOfDirectory(atPath: checkpoints)
    return origin?.kind == RunOrigin.branch
      && !(states ?? []).contains { !$0.hasPrefix(".") }
  }

  /// Writes down the run that this one begins from; the folder is there.
  package func keep(_ origin: RunOrigin) throws(HistoryError) {
    let json = PortableJSON.encode(origin)
    do throws(FileError) {
      try WholeFile.write(String(decoding: json, as: UTF8.self), to: originFile)
    } catch {
      throw HistoryError(error)
    }
  }

  /// The folder of a run beside this one.
  package func sibling(_ name: String) -> RunDirectory {
    let parent = String(path.dropLast(self.name.count + 1))
    return RunDirectory(name: name, parent: parent == Self.defaultParent ? nil : parent)
  }
}
