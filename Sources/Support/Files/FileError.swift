import Glibc

/// An error about a file or folder, in one line: the file, the problem and the remedy.
package struct FileError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The path of the file or folder.
  package let file: String
  /// The problem.
  package let what: String
  /// What the user can do about it.
  package let remedy: String
  /// What kind of problem it is.
  package let cause: Cause

  /// What a caller may conclude from an error.
  package enum Cause: Equatable, Sendable {
    /// The contents are wrong, and will be the next time.
    case damage
    /// A system call failed with this `errno`. The contents may be sound, and the call may succeed
    /// later.
    case system(Int32)
    /// Anything else, such as a file of another kind.
    case other
  }

  package init(file: String, what: String, remedy: String, cause: Cause = .other) {
    self.file = file
    self.what = what
    self.remedy = remedy
    self.cause = cause
  }

  package var description: String { PrintableText.message("\(file): \(what); \(remedy)") }
}

extension FileError {
  /// Creates the error of a failed system call. `action` completes the phrase "cannot …", for
  /// example "be opened".
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
      file: file, what: "cannot \(action): \(SystemReason.of(code))", remedy: remedy,
      cause: .system(code))
  }

  /// Creates the error of a failed write of `size` bytes. If space has run out, it says how many
  /// bytes are needed and free.
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
    let free = DiskRoom.free(in: FilePath.parent(of: file)).map { ", \($0) are free" } ?? ""
    self.init(
      file: file, what: "\(reason): the file needs \(size) bytes\(free)",
      remedy: "make room there and try again", cause: .system(code))
  }
}
