import Support

/// The exclusive right to train a run. One daemon at a time holds it, and the system frees it
/// however that process ends. Take it before touching the database or a socket.
package final class RunLock {
  private let lock: FileLock

  /// Takes the lock of a run, and creates the run's folder if there is none. Throws `locked` if
  /// another process holds the lock.
  package init(directory: RunDirectory) throws(HistoryError) {
    try directory.create()
    do throws(FileLock.Failure) {
      lock = try FileLock(path: directory.lock)
    } catch {
      switch error {
      case .held(let pid): throw .locked(name: directory.name, pid: pid)
      case .failed(let reason): throw .failed(path: directory.lock, detail: reason)
      }
    }
  }

  /// Whether the lock is still the file under its path. If it is not, the run's folder was removed,
  /// moved or replaced, and nothing may be written under its path.
  package var isInPlace: Bool { lock.isInPlace }

  /// Returns the id of the process that trains the run; `nil` if none does, and 0 if it is
  /// unknown.
  package static func holder(of directory: RunDirectory) -> Int32? {
    FileLock.holder(of: directory.lock)
  }
}
