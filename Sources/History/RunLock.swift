import Support

#if canImport(Glibc)
  import Glibc
#endif

/// The exclusive right to train a run. One daemon at a time holds it, and the system frees it
/// however that process ends. Take it before touching the database or a socket.
package final class RunLock {
  private let file: Int32
  private let path: String

  /// Takes the lock of a run, and creates the run's folder if there is none. Throws `locked` if
  /// another process holds the lock.
  package init(directory: RunDirectory) throws(HistoryError) {
    try directory.create()
    let file = FileSystem.open(directory.lock, O_RDWR | O_CREAT, mode: 0o644)
    guard file >= 0 else {
      throw .failed(path: directory.lock, detail: "cannot be opened: \(SystemReason.of())")
    }
    // `holder(of:)` takes the lock for a moment too, so try up to three times.
    var attempts = 1
    while flock(file, LOCK_EX | LOCK_NB) != 0 {
      let code = errno
      guard code == EWOULDBLOCK || code == EINTR, attempts < 3 else {
        let pid = Self.read(file)
        close(file)
        if code == EWOULDBLOCK { throw .locked(name: directory.name, pid: pid) }
        throw .failed(
          path: directory.lock,
          detail: "cannot be locked: \(SystemReason.of(code)); a run needs a file system with locks"
        )
      }
      attempts += 1
      usleep(20_000)
    }
    self.file = file
    path = directory.lock
    guard isInPlace else {
      // The folder was replaced between opening and locking.
      throw .failed(path: directory.lock, detail: "was replaced while it was locked; try again")
    }
    write(getpid())
  }

  deinit {
    ftruncate(file, 0)
    close(file)
  }

  /// Whether the lock is still the file under its path. If it is not, the run's folder was removed,
  /// moved or replaced, and nothing may be written under its path.
  package var isInPlace: Bool {
    guard let own = try? FileStatus(of: file, path: path),
      let there = try? FileSystem.status(path, followingLinks: false)
    else { return false }
    return own.identity == there.identity
  }

  /// Returns the id of the process that trains the run; `nil` if none does, and 0 if it is
  /// unknown.
  package static func holder(of directory: RunDirectory) -> Int32? {
    let file = FileSystem.open(directory.lock, O_RDONLY)
    guard file >= 0 else { return nil }
    defer { close(file) }
    // Where a file system has no locks, no daemon can hold one.
    if flock(file, LOCK_SH | LOCK_NB) == 0 || errno != EWOULDBLOCK { return nil }
    return read(file) ?? 0
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
