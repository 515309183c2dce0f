import SQL
import Support

/// A ledger's database fails as its file does.
extension FileError: DatabaseFailure {
  package static func damaged(path: String, detail: String) -> FileError {
    FileError(
      file: path, what: detail, remedy: "it is damaged; move it away and gather anew",
      cause: .damage)
  }

  package static func full(path: String) -> FileError {
    FileError(file: path, what: "the disk is full", remedy: "make room there and try again")
  }

  package static func busy(path: String) -> FileError {
    FileError(
      file: path, what: "it is locked", remedy: "another process uses it; wait for its end")
  }

  package static func failed(path: String, detail: String) -> FileError {
    FileError(file: path, what: detail, remedy: "check the path and the disk")
  }
}
