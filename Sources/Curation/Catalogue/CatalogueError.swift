import SQL
import Support

/// An error of a pool or its catalogue. Each is one line for the user.
package enum CatalogueError: DatabaseFailure, Equatable, CustomStringConvertible {
  /// A later version of Dino wrote the catalogue.
  case newer(path: String, found: Int, known: Int)
  case damaged(path: String, detail: String)
  case full(path: String)
  case busy(path: String)
  case failed(path: String, detail: String)
  /// A source of images cannot be used.
  case source(String)

  package var description: String { PrintableText.message(text) }

  private var text: String {
    switch self {
    case .newer(let path, let found, let known):
      "\(path) was written by a later Dino (schema \(found), supported is \(known)); update Dino"
    case .damaged(let path, let detail):
      "\(path) is damaged (\(detail)); remove the pool's folder and curate again"
    case .full(let path):
      "\(path) cannot grow: the disk is full; make room and run the same command again"
    case .busy(let path): "\(path) is locked by another program; close it there and try again"
    case .failed(let path, let detail): "\(path): \(detail)"
    case .source(let what):
      "\(what); mend it, or take it out of the plan, whose index.sources and other keys name it"
    }
  }
}
