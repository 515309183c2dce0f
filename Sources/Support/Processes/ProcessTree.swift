#if canImport(Glibc)
  import Glibc
#endif

/// Which processes started which, as /proc tells.
package enum ProcessTree {
  /// The process that started another one; `nil` if that does not exist.
  package static func parent(of pid: pid_t) -> pid_t? {
    guard let bytes = try? WholeFile.read("/proc/\(pid)/stat", limit: 1 << 16),
      // The program's name, in parentheses, may contain anything.
      let end = bytes.lastIndex(of: UInt8(ascii: ")"))
    else { return nil }
    let fields = String(decoding: bytes[end...], as: UTF8.self).split(separator: " ")
    return fields.count > 2 ? pid_t(fields[2]) : nil
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

  /// The processes that a process has started and that exist.
  package static func children(of pid: pid_t) -> [pid_t] {
    let names = (try? FileSystem.names(in: "/proc")) ?? []
    return names.compactMap { pid_t($0) }.filter { parent(of: $0) == pid }
  }
}
