import FoundationEssentials
import Glibc

/// Operations on files and folders that throw one-line errors.
package enum FileSystem {
  /// Returns whether the path is a folder or a link to one.
  package static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// Returns whether there is a file or folder at the path.
  package static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// Creates a folder and its parents. A path that exists already is not an error.
  ///
  /// - Parameter mode: The permissions of created folders, less those that the umask removes.
  package static func makeFolder(_ path: String, mode: mode_t = 0o777) throws(FileError) {
    if try makeOne(path, mode) { return }
    let above = FilePath.parent(of: path)
    guard above != path, above != "." else {
      throw FileError(path, cannot: "be created", errno: ENOENT)
    }
    try makeFolder(above, mode: mode)
    guard try makeOne(path, mode) else {
      throw FileError(path, cannot: "be created", errno: ENOENT)
    }
  }

  /// Makes a folder where there is none; false where the one above it is missing.
  private static func makeOne(_ path: String, _ mode: mode_t) throws(FileError) -> Bool {
    if mkdir(path, mode) == 0 { return true }
    let code = errno
    if code == ENOENT { return false }
    guard code == EEXIST, isFolder(path) else {
      throw FileError(path, cannot: "be created", errno: code == EEXIST ? ENOTDIR : code)
    }
    return true
  }

  /// Returns the names in a folder, without `.` and `..`, in no particular order; empty if the
  /// folder does not exist.
  package static func names(in folder: String) throws(FileError) -> [String] {
    guard let handle = opendir(folder) else {
      if errno == ENOENT { return [] }
      throw FileError(folder, cannot: "be listed")
    }
    defer { closedir(handle) }
    var names: [String] = []
    errno = 0
    while let entry = readdir(handle) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
      errno = 0
    }
    guard errno == 0 else { throw FileError(folder, cannot: "be listed") }
    return names
  }

  /// Removes a file, or a folder with its contents. A path that does not exist is not an error.
  package static func remove(_ path: String) throws(FileError) {
    do {
      try FileManager.default.removeItem(atPath: path)
    } catch {
      if exists(path) { throw FileError(path, cannot: "be removed") }
    }
  }

  /// Renames a file or folder. An existing target is replaced if it is a file or an empty folder.
  package static func move(_ path: String, to target: String) throws(FileError) {
    guard rename(path, target) == 0 else { throw FileError(path, cannot: "be renamed") }
  }

  /// Copies a file or a folder. The target must not exist.
  package static func copy(_ path: String, to target: String) throws(FileError) {
    do {
      try FileManager.default.copyItem(atPath: path, toPath: target)
    } catch {
      throw FileError(target, cannot: "be copied")
    }
  }

  /// Flushes a file's contents to disk, so that they survive a power cut.
  package static func flushFile(_ path: String) throws(FileError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError(path, cannot: "be opened") }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw FileError(path, cannot: "be flushed") }
  }

  /// Flushes a folder's entries to disk, so that they survive a power cut.
  package static func flushFolder(_ path: String) throws(FileError) {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError(path, cannot: "be opened") }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw FileError(path, cannot: "be flushed") }
  }
}
