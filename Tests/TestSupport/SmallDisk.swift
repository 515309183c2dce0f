#if canImport(Glibc)
  import Glibc
#endif

/// A file system of a few bytes in memory, for tests of a full disk.
package final class SmallDisk {
  /// The folder where it is mounted.
  package let path: String
  private var isMounted = true
  private var filler: String { path + "/filler" }

  /// Whether this process may mount a file system, which needs root.
  package static let isPossible: Bool = {
    let folder = TemporaryFolder()
    return SmallDisk(at: folder.file("disk"), bytes: 1 << 20) != nil
  }()

  /// Creates a folder and mounts the file system there; `nil` if that is not possible.
  package init?(at path: String, bytes: Int) {
    self.path = path
    guard mkdir(path, 0o700) == 0, mount("tmpfs", path, "tmpfs", 0, "size=\(bytes)") == 0 else {
      return nil
    }
  }

  deinit { remove() }

  /// Writes until no byte is free.
  package func fill() {
    // A program that another test starts must not inherit the file, or its space is never freed.
    let file = open(filler, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    let block = [UInt8](repeating: 1, count: 4096)
    while write(file, block, block.count) > 0 {}
    close(file)
  }

  /// Gives back what `fill()` took.
  package func makeRoom() { unlink(filler) }

  /// Unmounts the file system. Further calls do nothing.
  package func remove() {
    if isMounted { umount2(path, Int32(MNT_DETACH)) }
    isMounted = false
  }
}
