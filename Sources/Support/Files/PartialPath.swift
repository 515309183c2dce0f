import Glibc

/// Where what takes long is written before it appears under its name: beside it, as
/// `NAME.partial-PID`.
package enum PartialPath {
  /// The place for this process to write `path`. What was left by processes that were killed while
  /// they wrote it is removed.
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

  /// Whether there is such a process, whoever's it is.
  package static func isRunning(_ process: pid_t) -> Bool {
    kill(process, 0) == 0 || errno == EPERM
  }
}
