import Support

/// The kinds of archives that are read.
enum ArchiveKind {
  case tar, zip

  /// The kind of a file by its name; `nil` if it is no archive that is read.
  init?(name: String) {
    let name = name.lowercased()
    if name.hasSuffix(".tar") {
      self = .tar
    } else if name.hasSuffix(".zip") {
      self = .zip
    } else {
      return nil
    }
  }

  /// Opens an archive and lists its files.
  func open(_ path: String) throws(FileError) -> any ImageArchive {
    switch self {
    case .tar: try TarArchive(path: path)
    case .zip: try ZippedImages(path: path)
    }
  }
}
