import Glibc

/// What the system knows about a file or folder.
package struct FileStatus: Sendable, Equatable {
  /// The kinds of files that Dino treats differently.
  package enum Kind: Sendable { case file, folder, link, other }

  package let kind: Kind
  /// The size in bytes.
  package let size: Int
  /// The time of the last change of the contents, in seconds since 1970.
  package let modified: Double
  /// The id of the user who owns it.
  package let owner: UInt32
  /// The permission bits, such as `0o600`.
  package let permissions: UInt32
  package let identity: FileIdentity

  init(_ status: stat) {
    switch status.st_mode & S_IFMT {
    case S_IFREG: kind = .file
    case S_IFDIR: kind = .folder
    case S_IFLNK: kind = .link
    default: kind = .other
    }
    size = Int(status.st_size)
    modified = Double(status.st_mtim.tv_sec) + Double(status.st_mtim.tv_nsec) / 1e9
    owner = status.st_uid
    permissions = status.st_mode & 0o7777
    identity = FileIdentity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
  }

  /// The status of an open file. Throws if the system does not give it; `path` is for the message.
  package init(of descriptor: Int32, path: String) throws(FileError) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw FileError(path, cannot: "be examined") }
    self.init(status)
  }
}

/// An entry of a folder.
package struct FolderEntry: Sendable, Equatable {
  package let name: String
  /// The kind; `nil` if the folder does not say.
  package let kind: FileStatus.Kind?

  init(_ entry: UnsafeMutablePointer<dirent>) {
    name = withUnsafePointer(to: &entry.pointee.d_name) {
      $0.withMemoryRebound(to: CChar.self, capacity: 256) { ByteText.text($0) }
    }
    kind =
      switch Int(entry.pointee.d_type) {
      case DT_REG: .file
      case DT_DIR: .folder
      case DT_LNK: .link
      case DT_UNKNOWN: nil
      default: .other
      }
  }
}

/// What makes a file itself, whatever its path: two paths with the same identity are one file.
package struct FileIdentity: Sendable, Hashable {
  package let device: UInt64
  package let inode: UInt64
}
