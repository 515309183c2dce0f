import FoundationEssentials

#if canImport(Glibc)
  import Glibc
#endif

extension RunDirectory {
  /// The runs begun under `parent`, or under the default parent, by name.
  package static func list(parent: String? = nil) -> [RunDirectory] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: parent ?? defaultParent))
    return (names ?? []).sorted().map { RunDirectory(name: $0, parent: parent) }
      .filter(\.exists)
  }

  /// Creates the run's folder, and those above it, where there is none.
  package func create() throws(HistoryError) { try Self.createFolder(path) }

  /// Creates a folder, and those above it, where there is none.
  package static func createFolder(_ path: String) throws(HistoryError) {
    var folder = path.hasPrefix("/") ? "" : "."
    for part in path.split(separator: "/") {
      folder += "/" + part
      if mkdir(folder, 0o777) != 0 && errno != EEXIST {
        throw .failed(
          path: folder, detail: "cannot be created: \(String(cString: strerror(errno)))")
      }
    }
  }
}
