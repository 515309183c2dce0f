import Glibc

/// Reading and writing of open files. A system call may transfer less than it was asked for, or be
/// interrupted by a signal; these go on until all is done.
extension FileSystem {
  /// Writes all bytes to an open file: at an offset, or at its position if that is `nil`. Returns 0,
  /// or the `errno` of the call that failed.
  package static func write(
    _ bytes: UnsafeRawBufferPointer, to file: Int32, at offset: Int? = nil
  ) -> Int32 {
    var done = 0
    while done < bytes.count {
      let (start, left) = (bytes.baseAddress! + done, bytes.count - done)
      let count =
        offset.map { pwrite(file, start, left, off_t($0 + done)) } ?? Glibc.write(file, start, left)
      if count > 0 {
        done += count
      } else if count == 0 || errno != EINTR {
        return count == 0 ? EIO : errno
      }
    }
    return 0
  }

  /// Fills `target` with bytes of an open file, from an offset, or from its position if that is
  /// `nil`. Returns how many there were, fewer only at the end of the file or after a failure, and 0
  /// or the `errno` of the call that failed.
  package static func read(
    _ file: Int32, into target: UnsafeMutableRawBufferPointer, at offset: Int? = nil
  ) -> (count: Int, code: Int32) {
    var done = 0
    while done < target.count {
      let (start, left) = (target.baseAddress! + done, target.count - done)
      let count =
        offset.map { pread(file, start, left, off_t($0 + done)) } ?? Glibc.read(file, start, left)
      if count > 0 {
        done += count
      } else if count == 0 {
        break
      } else if errno != EINTR {
        return (done, errno)
      }
    }
    return (done, 0)
  }

  /// Copies a file and flushes the copy to the disk. A failure leaves no copy.
  package static func copy(_ path: String, to target: String) throws(FileError) {
    let input = open(path, O_RDONLY)
    guard input >= 0 else { throw FileError(path, cannot: "be opened") }
    defer { close(input) }
    let size = try FileStatus(of: input, path: path).size
    let output = open(target, O_WRONLY | O_CREAT | O_EXCL)
    guard output >= 0 else { throw FileError(target, writing: size, errno: errno) }
    var code = copyBytes(input, output)
    if code == 0 && fsync(output) != 0 { code = errno }
    if close(output) != 0 && code == 0 { code = errno }
    guard code == 0 else {
      try? removeFile(target)
      throw FileError(target, writing: size, errno: code)
    }
  }

  /// Copies what is left of a file. Returns 0, or the `errno` if that failed.
  private static func copyBytes(_ input: Int32, _ output: Int32) -> Int32 {
    let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
    defer { piece.deallocate() }
    while true {
      let (count, code) = read(input, into: piece)
      guard code == 0, count > 0 else { return code }
      let failure = write(UnsafeRawBufferPointer(rebasing: piece[..<count]), to: output)
      if failure != 0 { return failure }
    }
  }
}
