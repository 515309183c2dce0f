import Recipe
import Support

extension DataSetFile {
  /// Opens an archive and lists its files; `nil` for a file that is none.
  func openArchive(_ path: String) throws(FileError) -> (any ImageArchive)? {
    switch self {
    case .tar: try TarArchive(path: path)
    case .zip: try ZippedImages(path: path)
    case .list, .table: nil
    }
  }
}
