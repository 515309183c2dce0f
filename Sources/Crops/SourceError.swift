import Support

#if canImport(Glibc)
  import Glibc
#endif

/// An error: a data set cannot be used.
package enum SourceError: Error, CustomStringConvertible {
  /// A folder that cannot be read, and the system's `errno`.
  case cannotRead(String, Int32)
  case noImages(String)
  case tooDeep(String)
  case noneReadable(name: String, count: Int, first: String)
  case noClasses(String)

  package var description: String {
    switch self {
    case .cannotRead(_, ENOENT), .cannotRead(_, ENOTDIR), .noImages:
      "\(what); point data.path at your images"
    default: what
    }
  }

  /// The problem, without the remedy, which applies only to recipes.
  package var what: String {
    switch self {
    case .cannotRead(let folder, ENOENT): "\(folder): no such folder"
    case .cannotRead(let folder, ENOTDIR): "\(folder): not a folder"
    case .cannotRead(let folder, let code):
      "\(folder): cannot be read: \(SystemReason.of(code))"
    case .noImages(let folder): "\(folder): no JPEG or PNG files in it or its subfolders"
    case .tooDeep(let folder): "\(folder): folders are nested more than 64 deep"
    case .noneReadable(let name, let count, let first):
      "\(name): none of its \(count) images can be read; the first: \(first)"
    case .noClasses(let folder):
      "\(folder): no classes; images must lie in at least two folders, one per class"
    }
  }
}
