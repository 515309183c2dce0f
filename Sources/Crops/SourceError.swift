import Images
import Support

/// An error: a data set cannot be used.
package enum SourceError: Error, CustomStringConvertible {
  case missing(String)
  case notAFolder(String)
  /// A folder that cannot be read, and why.
  case cannotRead(FileError)
  /// A folder without images, and what was found instead.
  case noImages(String, unused: String?)
  case noneReadable(name: String, count: Int, first: String)
  case noClasses(String)

  package var description: String {
    switch self {
    case .missing, .notAFolder, .noImages:
      "\(what); point data.path at your images"
    default: what
    }
  }

  /// The problem, without the remedy, which applies only to recipes.
  package var what: String {
    switch self {
    case .missing(let folder): "\(folder): no such folder"
    case .notAFolder(let path): "\(path): not a folder"
    case .cannotRead(let error): "\(error)"
    case .noImages(let folder, let unused):
      "\(folder): no \(ImageFormat.list("or")) files in it or its subfolders"
        + (unused.map { "; \($0)" } ?? "")
    case .noneReadable(let name, let count, let first):
      "\(name): none of its \(count) images can be read; the first: \(first)"
    case .noClasses(let folder):
      "\(folder): no classes; images must lie in at least two folders, one per class"
    }
  }
}
