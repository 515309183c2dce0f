import Glibc

/// The files that a process inherits from the one that started it.
package enum InheritedFiles {
  /// Closes all but standard input, output and error. A daemon calls it first, so that it keeps
  /// nobody's pipe, lock or deleted file open for days.
  package static func close() {
    // Read first: the folder's own descriptor is among the names.
    for name in (try? FileSystem.names(in: "/proc/self/fd")) ?? [] {
      if let file = Int32(name), file > 2 { _ = Glibc.close(file) }
    }
  }
}
