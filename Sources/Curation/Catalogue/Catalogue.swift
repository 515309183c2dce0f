import SQL
import Support

/// What is known about the images of a pool: a row for each, and what became of it.
///
/// One thread owns it. What is written is there after a crash of the program; after a power cut the
/// last moments may be missing, and are computed again.
package final class Catalogue {
  let database: Database<CatalogueError>

  /// Opens a catalogue, and creates it if there is none.
  package init(path: String) throws(CatalogueError) {
    database = try Database(path: path, mode: .readWrite)
    try database.run("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL")
    try CatalogueSchema.prepare(database)
  }

  /// Runs `body` in a transaction.
  func transaction(_ body: () throws(CatalogueError) -> Void) throws(CatalogueError) {
    try database.transaction(body)
  }

  /// Returns the number of rows of a query that counts.
  func count(_ sql: String) throws(CatalogueError) -> Int { try database.integer(sql) }
}
