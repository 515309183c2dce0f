import Support

#if canImport(Glibc)
  import Glibc
#endif

/// The right to train a run: held by one daemon at a time, and freed by the system when that
/// process ends, however it ends. Take it before the database or a socket is touched.
package final class RunLock {
  private let file: Int32

  /// Takes the lock of a run, whose folder is created where there is none.
  package init(directory: RunDirectory) throws(HistoryError) {
    try directory.create()
    let file = open(directory.lock, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard file >= 0 else {
      throw .failed(path: directory.lock, detail: SystemReason.of())
    }
    // `holder` takes the lock for a moment too, hence a second and a third try.
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

  /// The process that trains a run now; nil where none does. 0 where it has not said who it is.
  package static func holder(of directory: RunDirectory) -> Int32? {
    let file = open(directory.lock, O_RDONLY | O_CLOEXEC)
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
