import FoundationEssentials
import Support

extension RunDirectory {
  /// The runs begun under `parent`, or under the default parent, by name.
  package static func list(parent: String? = nil) -> [RunDirectory] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: parent ?? defaultParent))
    return (names ?? []).sorted().map { RunDirectory(name: $0, parent: parent) }
      .filter(\.exists)
  }

  /// Creates the run's folder, and those above it, where there is none.
  package func create() throws(HistoryError) {
    do throws(FileError) {
      try FileSystem.makeFolder(path)
    } catch {
      throw HistoryError(error)
    }
  }
}
