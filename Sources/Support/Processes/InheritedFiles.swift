import Glibc

/// The files that a process inherits from the one that started it.
package enum InheritedFiles {
  /// Closes all but standard input, output and error. A daemon calls it first, so that it keeps
  /// nobody's pipe, lock or deleted file open for days.
  package static func close() {
    for file in open { _ = Glibc.close(file) }
  }

  /// Marks the same files so that a program that this process starts does not inherit them.
  /// Libraries may have opened some without that mark.
  static func closeOnStart() {
    for file in open { _ = fcntl(file, F_SETFD, FD_CLOEXEC) }
  }

  /// The descriptors from 3 up that are open, and that of the folder they are read from.
  private static var open: [Int32] {
    ((try? FileSystem.names(in: "/proc/self/fd")) ?? []).compactMap { Int32($0) }.filter { $0 > 2 }
  }
}
