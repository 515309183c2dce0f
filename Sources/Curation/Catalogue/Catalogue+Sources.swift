import SQL

/// What images are for.
package enum ImageRole: String, CaseIterable, Sendable {
  /// The heap out of which the result is made.
  case pool
  /// Evaluation sets, whose likes are dropped.
  case evaluation
  /// Examples, whose likes are kept.
  case example
  /// Examples of what is to be dropped, and of what is not.
  case positive
  case negative
}

extension ImageRole {
  /// The role in words, behind an article.
  package var words: String {
    switch self {
    case .pool: "image of the pool"
    case .evaluation: "image of an evaluation set"
    case .example: "example"
    case .positive: "example of the unwanted"
    case .negative: "example of what is not unwanted"
    }
  }
}

/// A folder, list or archive of images.
struct CatalogueSource: Sendable, Equatable {
  let id: Int
  let path: String
  let role: ImageRole
}

extension Catalogue {
  /// Returns the number of a source, which is given one if it has none.
  func source(_ path: String, _ role: ImageRole) throws(CatalogueError) -> Int {
    let insert = try database.prepare("INSERT OR IGNORE INTO sources(path, role) VALUES(?, ?)")
    insert.bind(path, at: 0)
    insert.bind(role.rawValue, at: 1)
    try insert.run()
    let find = try database.prepare("SELECT id FROM sources WHERE path = ? AND role = ?")
    find.bind(path, at: 0)
    find.bind(role.rawValue, at: 1)
    return try find.step() ? find.integer(0) : 0
  }

  /// Returns the source of a number; `nil` if there is none.
  func source(_ id: Int) throws(CatalogueError) -> CatalogueSource? {
    let find = try database.prepare("SELECT path, role FROM sources WHERE id = ?")
    find.bind(id, at: 0)
    guard try find.step(), let role = ImageRole(rawValue: find.text(1)) else { return nil }
    return CatalogueSource(id: id, path: find.text(0), role: role)
  }

  /// Forgets all other sources and their images. Returns how many images there were.
  func removeSources(except kept: [Int]) throws(CatalogueError) -> Int {
    let kept = kept.map(String.init).joined(separator: ",")
    let count = try count("SELECT count(*) FROM images WHERE source NOT IN (\(kept))")
    if count > 0 { try database.run("DELETE FROM images WHERE source NOT IN (\(kept))") }
    try database.run("DELETE FROM sources WHERE id NOT IN (\(kept))")
    return count
  }
}
