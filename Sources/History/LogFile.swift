import Support

#if canImport(Glibc)
  import Glibc
#endif

/// The text file with a run's events, for people and their tools. Its size is bounded: a file that
/// is full becomes `log.1`, in place of the one before. The database has all events.
///
/// One thread writes. What cannot be written is left out, since the database has it too.
package final class LogFile {
  /// The size of a full file, in bytes.
  package static let limit = 8 << 20

  private let path: String
  private let limit: Int
  private var file: Int32
  private var size = 0

  /// Opens the file at its end, and creates it if there is none.
  package init(path: String, limit: Int = LogFile.limit) {
    (self.path, self.limit) = (path, limit)
    file = -1
    open()
  }

  deinit { if file >= 0 { close(file) } }

  private func open() {
    file = FileSystem.open(path, O_WRONLY | O_CREAT | O_APPEND)
    size = file < 0 ? 0 : (try? FileStatus(of: file, path: path))?.size ?? 0
  }

  /// Appends a line.
  package func append(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    if size > 0, size + bytes.count > limit { turn() }
    guard file >= 0 else { return }
    _ = bytes.withUnsafeBytes { FileSystem.write($0, to: file) }
    size += bytes.count
  }

  /// Begins a new file. If that fails, the full one goes on.
  private func turn() {
    do throws(FileError) {
      try FileSystem.move(path, to: path + ".1")
    } catch {
      return
    }
    let full = file
    open()
    if file >= 0 { close(full) } else { file = full }
  }
}
