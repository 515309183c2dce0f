import Support

#if canImport(Glibc)
  import Glibc
#endif

extension RunDirectory {
  /// Returns the runs in `parent`, or in the default folder, sorted by name; none if there is no
  /// such folder. Throws if it cannot be read.
  package static func list(parent: String? = nil) throws(FileError) -> [RunDirectory] {
    try FileSystem.names(in: parent ?? defaultParent).sorted(by: FilePath.precedes).map {
      RunDirectory(name: $0, parent: parent)
    }
    .filter(\.exists)
  }

  /// Creates the run's folder and its parents if they do not exist. Their names are on the disk when
  /// this returns.
  package func create() throws(HistoryError) {
    do throws(FileError) {
      try FileSystem.makeFolder(path)
      try flushNames()
    } catch {
      throw HistoryError(error)
    }
  }

  /// Flushes the folders above the run's, up to the top of the file system that holds it. A process
  /// that was killed may have made some of them without doing so.
  private func flushNames() throws(FileError) {
    let device = try FileSystem.status(path)?.identity.device
    var folder = path
    while folder != "/" {
      folder = FilePath.parent(of: folder)
      guard try FileSystem.status(folder)?.identity.device == device else { return }
      // Folders of others need not be readable. Nobody made those for this run.
      if FileSystem.allows(folder, R_OK) { try FileSystem.flushFolder(folder) }
    }
  }
}
