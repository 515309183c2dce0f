import Glibc

/// Temporary paths for files and folders that take long to write: `NAME.partial-PID` in the same
/// folder, to be renamed when complete.
package enum PartialPath {
  /// Returns the temporary path at which this process writes `path`. Removes what killed processes
  /// left of the same file.
  ///
  /// - Parameter hidden: Whether the temporary name begins with a dot.
  package static func claim(_ path: String, hidden: Bool = false) -> String {
    let parent = FilePath.parent(of: path)
    let stem = (hidden ? "." : "") + FilePath.name(of: path) + ".partial-"
    for name in (try? FileSystem.names(in: parent)) ?? [] where name.hasPrefix(stem) {
      guard let process = pid_t(name.dropFirst(stem.count)), process > 0, !isRunning(process)
      else { continue }
      try? FileSystem.remove(parent + "/" + name)
    }
    return parent + "/" + stem + "\(getpid())"
  }

  /// Returns whether a process with this id exists, of any user.
  package static func isRunning(_ process: pid_t) -> Bool {
    kill(process, 0) == 0 || errno == EPERM
  }
}
