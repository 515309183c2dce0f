#if canImport(Glibc)
  import Glibc
#endif

/// The exclusive right to something, held by one process at a time by a lock on a file. The system
/// frees it however that process ends.
package final class FileLock {
  /// Why a lock cannot be taken.
  package enum Failure: Error {
    /// Another process holds it. `pid` is `nil` if it could not be read.
    case held(pid: Int32?)
    /// The reason why the file cannot be opened or locked.
    case failed(String)
  }

  private let file: Int32
  private let path: String

  /// Takes the lock on a file, which is created if there is none. Its folder must exist.
  package init(path: String) throws(Failure) {
    let file = FileSystem.open(path, O_RDWR | O_CREAT, mode: 0o644)
    guard file >= 0 else { throw .failed("cannot be opened: \(SystemReason.of())") }
    // `holder(of:)` takes the lock for a moment too, so try up to three times.
    var attempts = 1
    while flock(file, LOCK_EX | LOCK_NB) != 0 {
      let code = errno
      guard code == EWOULDBLOCK || code == EINTR, attempts < 3 else {
        let pid = Self.read(file)
        close(file)
        if code == EWOULDBLOCK { throw .held(pid: pid) }
        throw .failed(
          "cannot be locked: \(SystemReason.of(code)); a file system with locks is needed")
      }
      attempts += 1
      usleep(20_000)
    }
    self.file = file
    self.path = path
    guard isInPlace else {
      // The folder was replaced between opening and locking.
      throw .failed("was replaced while it was locked; try again")
    }
    write(getpid())
  }

  deinit {
    ftruncate(file, 0)
    close(file)
  }

  /// Whether the lock is still the file under its path. If it is not, its folder was removed, moved
  /// or replaced, and nothing may be written under its path.
  package var isInPlace: Bool {
    guard let own = try? FileStatus(of: file, path: path),
      let there = try? FileSystem.status(path, followingLinks: false)
    else { return false }
    return own.identity == there.identity
  }

  /// Returns the id of the process that holds the lock on a file; `nil` if none does, and 0 if it is
  /// unknown.
  package static func holder(of path: String) -> Int32? {
    let file = FileSystem.open(path, O_RDONLY)
    guard file >= 0 else { return nil }
    defer { close(file) }
    // Where a file system has no locks, nobody can hold one.
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
