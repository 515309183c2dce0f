import Support

extension RunDirectory {
  /// Returns the runs in `parent`, or in the default folder, sorted by name.
  package static func list(parent: String? = nil) -> [RunDirectory] {
    let names = try? FileSystem.names(in: parent ?? defaultParent)
    return (names ?? []).sorted(by: FilePath.precedes).map {
      RunDirectory(name: $0, parent: parent)
    }
    .filter(\.exists)
  }

  /// Creates the run's folder and its parents if they do not exist.
  package func create() throws(HistoryError) {
    do throws(FileError) {
      try FileSystem.makeFolder(path)
    } catch {
      throw HistoryError(error)
    }
  }
}
