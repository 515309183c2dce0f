#if canImport(Glibc)
  import Glibc
#endif

/// Which processes started which, as /proc tells.
package enum ProcessTree {
  /// The process that started another one; `nil` if that does not exist.
  package static func parent(of pid: pid_t) -> pid_t? { status(of: pid)?.parent }

  /// A process's parent, and the letter of its state; `nil` if it does not exist.
  private static func status(of pid: pid_t) -> (parent: pid_t, state: Substring)? {
    guard let bytes = try? WholeFile.read("/proc/\(pid)/stat", limit: 1 << 16),
      // The program's name, in parentheses, may contain anything.
      let end = bytes.lastIndex(of: UInt8(ascii: ")"))
    else { return nil }
    let fields = String(decoding: bytes[end...], as: UTF8.self).split(separator: " ")
    guard fields.count > 2, let parent = pid_t(fields[2]) else { return nil }
    return (parent, fields[1])
  }

  /// Whether a process is another one, or was started by it or by one that it started.
  package static func descends(_ pid: pid_t, from ancestor: pid_t) -> Bool {
    var current: pid_t? = pid
    for _ in 0..<16 {
      guard let process = current, process > 1 else { return false }
      if process == ancestor { return true }
      current = parent(of: process)
    }
    return false
  }

  /// The processes that a process has started and that have not ended. One that has ended exists until its
  /// parent asks how, which a parent that is stuck never does.
  package static func children(of pid: pid_t) -> [pid_t] {
    let names = (try? FileSystem.names(in: "/proc")) ?? []
    return names.compactMap { pid_t($0) }.filter { other in
      status(of: other).map { $0.parent == pid && $0.state != "Z" } ?? false
    }
  }
}
