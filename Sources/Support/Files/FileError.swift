import Glibc

/// A file or checkpoint that cannot be read, written or trusted.
package struct FileError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file or folder.
  package let file: String
  /// What is wrong with it.
  package let what: String
  /// What the reader of the message can do.
  package let remedy: String

  package init(file: String, what: String, remedy: String) {
    self.file = file
    self.what = what
    self.remedy = remedy
  }

  package var description: String { "\(file): \(what); \(remedy)" }
}

extension FileError {
  /// A failed system call: `action` reads on after "cannot".
  package init(_ file: String, cannot action: String, errno code: Int32 = errno) {
    let remedy =
      switch code {
      case EACCES, EPERM: "check who owns it and its permissions"
      case ENOENT: "check the path"
      case ENOSPC, EDQUOT: "make room there and try again"
      case EROFS: "choose a place that can be written to"
      case EIO: "the disk reports an error; look at dmesg"
      default: "check the path and the disk"
      }
    self.init(
      file: file, what: "cannot \(action): \(SystemReason.of(code))", remedy: remedy)
  }

  /// A write that failed; a disk without room is told apart, with the bytes that are needed.
  package init(_ file: String, writing size: Int, errno code: Int32) {
    let reason: String
    switch code {
    case ENOSPC: reason = "the disk is full"
    case EDQUOT: reason = "the disk quota is used up"
    case EFBIG: reason = "the limit on the size of a file is reached (ulimit -f)"
    default:
      self.init(file, cannot: "be written", errno: code)
      return
    }
    var disk = statvfs()
    let isKnown = statvfs(FilePath.parent(of: file), &disk) == 0
    let free = isKnown ? ", \(UInt64(disk.f_bavail) * UInt64(disk.f_frsize)) are free" : ""
    self.init(
      file: file, what: "\(reason): the file needs \(size) bytes\(free)",
      remedy: "make room there and try again")
  }
}
