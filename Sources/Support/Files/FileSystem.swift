import Glibc

/// Operations on files and folders that throw one-line errors.
package enum FileSystem {
  /// Opens a file and returns its descriptor, which child processes do not inherit; -1 with `errno`
  /// if that fails.
  package static func open(_ path: String, _ flags: Int32, mode: mode_t = 0o666) -> Int32 {
    let bytes = FilePath.c(path)
    while true {
      let descriptor = Glibc.open(bytes, flags | O_CLOEXEC, mode)
      if descriptor >= 0 || errno != EINTR { return descriptor }
    }
  }

  /// Returns the status of what is at a path; `nil` if nothing is there. Throws if the system cannot
  /// tell.
  ///
  /// - Parameter followingLinks: Whether to return the status of a link's target rather than of the
  ///   link. A link to nothing counts as nothing then.
  package static func status(
    _ path: String, followingLinks: Bool = true
  ) throws(FileError) -> FileStatus? {
    var status = stat()
    let bytes = FilePath.c(path)
    guard (followingLinks ? stat(bytes, &status) : lstat(bytes, &status)) == 0 else {
      if errno == ENOENT || errno == ENOTDIR { return nil }
      throw FileError(path, cannot: "be examined")
    }
    return FileStatus(status)
  }

  /// Returns whether the path is a folder or a link to one; also false if the system cannot tell.
  package static func isFolder(_ path: String) -> Bool {
    (try? status(path))?.kind == .folder
  }

  /// Returns whether the path is a file or a link to one; also false if the system cannot tell.
  package static func isFile(_ path: String) -> Bool { (try? status(path))?.kind == .file }

  /// Returns whether there is a file or folder at the path; also false if the system cannot tell.
  package static func exists(_ path: String) -> Bool { (try? status(path)) != nil }

  /// Returns whether this process may use a path as `mode` says: `R_OK`, `W_OK`, `X_OK`.
  package static func allows(_ path: String, _ mode: Int32) -> Bool {
    access(FilePath.c(path), mode) == 0
  }

  /// Creates a folder and its parents. A path that exists already is not an error.
  ///
  /// Each new folder's name is flushed to disk: what is synced in a folder is lost in a power cut
  /// if the folder's own name is.
  ///
  /// - Parameters:
  ///   - mode: The permissions of created folders, less those that the umask removes.
  ///   - parents: Whether to create missing parents too. If not, one that is missing is an error.
  package static func makeFolder(
    _ path: String, mode: mode_t = 0o777, parents: Bool = true
  ) throws(FileError) {
    if try makeOne(path, mode) { return }
    let above = FilePath.parent(of: path)
    guard parents, above != path, above != "." else {
      throw FileError(path, cannot: "be created", errno: ENOENT)
    }
    try makeFolder(above, mode: mode)
    guard try makeOne(path, mode) else {
      throw FileError(path, cannot: "be created", errno: ENOENT)
    }
  }

  /// Makes a folder where there is none; false where the one above it is missing.
  private static func makeOne(_ path: String, _ mode: mode_t) throws(FileError) -> Bool {
    if mkdir(FilePath.c(path), mode) == 0 {
      try flushFolder(FilePath.parent(of: path))
      return true
    }
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
    try entries(in: folder)?.map(\.name) ?? []
  }

  /// Returns what is in a folder, without `.` and `..`, in no particular order; `nil` if the folder
  /// does not exist.
  package static func entries(in folder: String) throws(FileError) -> [FolderEntry]? {
    guard let handle = opendir(FilePath.c(folder)) else {
      if errno == ENOENT { return nil }
      throw FileError(folder, cannot: "be listed")
    }
    defer { closedir(handle) }
    var entries: [FolderEntry] = []
    errno = 0
    while let entry = readdir(handle) {
      let found = FolderEntry(entry)
      if found.name != "." && found.name != ".." { entries.append(found) }
      errno = 0
    }
    guard errno == 0 else { throw FileError(folder, cannot: "be listed") }
    return entries
  }

  /// Removes a file, or a folder with its contents. A path that does not exist is not an error.
  /// Links are removed, not followed.
  package static func remove(_ path: String) throws(FileError) {
    guard let found = try status(path, followingLinks: false) else { return }
    guard found.kind == .folder else { return try removeFile(path) }
    for name in try names(in: path) { try remove(path + "/" + name) }
    guard rmdir(FilePath.c(path)) == 0 || errno == ENOENT else {
      throw FileError(path, cannot: "be removed")
    }
  }

  /// Removes a file, socket or link. A path that does not exist is not an error.
  package static func removeFile(_ path: String) throws(FileError) {
    guard unlink(FilePath.c(path)) == 0 || errno == ENOENT else {
      throw FileError(path, cannot: "be removed")
    }
  }

  /// Renames a file or folder. An existing target is replaced if it is a file or an empty folder.
  package static func move(_ path: String, to target: String) throws(FileError) {
    guard rename(FilePath.c(path), FilePath.c(target)) == 0 else {
      throw FileError(path, cannot: "be renamed")
    }
  }

  /// Makes a file appear under a second path, on the same file system, without copying it. Returns
  /// false if that is not possible.
  package static func link(_ path: String, to target: String) -> Bool {
    Glibc.link(FilePath.c(path), FilePath.c(target)) == 0
  }

  /// Makes a symbolic link at a path. Throws if there is something already.
  package static func symbolicLink(at path: String, to target: String) throws(FileError) {
    guard symlink(FilePath.c(target), FilePath.c(path)) == 0 else {
      throw FileError(path, cannot: "be made a link")
    }
  }

  /// Flushes a file's contents to disk, so that they survive a power cut.
  package static func flushFile(_ path: String) throws(FileError) {
    let descriptor = open(path, O_RDONLY)
    guard descriptor >= 0 else { throw FileError(path, cannot: "be opened") }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw FileError(path, cannot: "be flushed") }
  }

  /// Flushes a folder's entries to disk, so that they survive a power cut.
  package static func flushFolder(_ path: String) throws(FileError) {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY)
    guard descriptor >= 0 else { throw FileError(path, cannot: "be opened") }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw FileError(path, cannot: "be flushed") }
  }
}
