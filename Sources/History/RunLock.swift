import Support

#if canImport(Glibc)
  import Glibc
#endif

/// The exclusive right to train a run. One daemon at a time holds it, and the system frees it
/// however that process ends. Take it before touching the database or a socket.
package final class RunLock {
  private let file: Int32

  /// Takes the lock of a run, and creates the run's folder if there is none. Throws `locked` if
  /// another process holds the lock.
  package init(directory: RunDirectory) throws(HistoryError) {
    try directory.create()
    let file = FileSystem.open(directory.lock, O_RDWR | O_CREAT, mode: 0o644)
    guard file >= 0 else {
      throw .failed(path: directory.lock, detail: SystemReason.of())
    }
    // `holder(of:)` takes the lock for a moment too, so try up to three times.
    var attempts = 1
    while flock(file, LOCK_EX | LOCK_NB) != 0 {
      guard attempts < 3 else {
        let pid = Self.read(file)
        close(file)
        throw .locked(name: directory.name, pid: pid)
      }
      attempts += 1
      usleep(20_000)
    }
    self.file = file
    write(getpid())
  }

  deinit {
    ftruncate(file, 0)
    close(file)
  }

  /// Returns the id of the process that trains the run; `nil` if none does, and 0 if it is
  /// unknown.
  package static func holder(of directory: RunDirectory) -> Int32? {
    let file = FileSystem.open(directory.lock, O_RDONLY)
    guard file >= 0 else { return nil }
    defer { close(file) }
    return flock(file, LOCK_SH | LOCK_NB) == 0 ? nil : read(file) ?? 0
  }

  private func write(_ pid: Int32) {
    let text = "\(pid)\n"
    ftruncate(file, 0)
    pwrite(file, text, text.utf8.count, 0)
  }

  private static func read(_ file: Int32) -> Int32? {
    var bytes = [UInt8](repeating: 0, count: 16)
    let count = pread(file, &bytes, bytes.count, 0)
    guard count > 0 else { return nil }
    return Int32(String(decoding: bytes.prefix(count).filter { $0 != 10 }, as: UTF8.self))
  }
}
