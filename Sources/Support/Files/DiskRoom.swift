import Glibc

/// How much can still be written to a disk.
package enum DiskRoom {
  /// Returns the bytes that this user may still write to a folder's disk; `nil` if the system does not
  /// tell.
  package static func free(in folder: String) -> Int? {
    var disk = statvfs()
    guard statvfs(FilePath.c(folder), &disk) == 0 else { return nil }
    return Int(clamping: UInt64(disk.f_bavail) * UInt64(disk.f_frsize))
  }
}
