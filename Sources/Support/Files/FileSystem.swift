import FoundationEssentials
import Glibc

/// The few calls on files and folders that storing needs, with errors of one line.
package enum FileSystem {
  package static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  package static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// Makes a folder and those above it; one that is there already is fine.
  ///
  /// - Parameter mode: the permissions of folders that are made, less those that the umask takes.
  package static func makeFolder(_ path: String, mode: mode_t = 0o777) throws(FileError) {
    if mkdir(path, mode) == 0 || errno == EEXIST { return }
    guard errno == ENOENT else { throw FileError(path, cannot: "be made") }
    let above = FilePath.parent(of: path)
    guard above != path, above != "." else { throw FileError(path, cannot: "be made") }
    try makeFolder(above, mode: mode)
    if mkdir(path, mode) != 0 && errno != EEXIST { throw FileError(path, cannot: "be made") }
  }

  /// The names in a folder, without `.` and `..`, in no order; none when there is no such folder.
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

  /// Removes a folder and what is in it; one that is gone already is fine.
  package static func remove(_ path: String) throws(FileError) {
    do {
      try FileManager.default.removeItem(atPath: path)
    } catch {
      if exists(path) { throw FileError(path, cannot: "be removed") }
    }
  }

  /// Gives a file or folder another name; what bears that name already is replaced if it is a file
  /// or an empty folder.
  package static func move(_ path: String, to target: String) throws(FileError) {
    guard rename(path, target) == 0 else { throw FileError(path, cannot: "be renamed") }
  }

  /// Copies a file.
  package static func copy(_ path: String, to target: String) throws(FileError) {
    do {
      try FileManager.default.copyItem(atPath: path, toPath: target)
    } catch {
      throw FileError(target, cannot: "be copied")
    }
  }

  /// Has a file's contents survive a loss of power.
  package static func flushFile(_ path: String) throws(FileError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError(path, cannot: "be opened") }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw FileError(path, cannot: "be flushed") }
  }

  /// Has a folder's entries survive a loss of power.
  package static func flushFolder(_ path: String) throws(FileError) {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError(path, cannot: "be opened") }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw FileError(path, cannot: "be flushed") }
  }
}
