import SQL

/// The tables of `catalogue.sqlite`.
enum CatalogueSchema {
  static let version = 3

  /// `sources` has the folders, lists and archives, and what their images are for.
  /// `images` has a row for each image of the heap; an image whose file changes gets a new one.
  /// `verdicts` has one for each that was dropped: the stage, the rule, what was measured, and the
  /// image because of which it went. `pairs` has likenesses, also those just below a threshold.
  /// `origins` tells which example brought an image in, or would with a larger number.
  private static let tables = """
    CREATE TABLE sources(
      id INTEGER PRIMARY KEY, path TEXT NOT NULL, role TEXT NOT NULL, UNIQUE(path, role));
    CREATE TABLE images(
      id INTEGER PRIMARY KEY AUTOINCREMENT, source INTEGER NOT NULL, file TEXT NOT NULL,
      bytes INTEGER, modified REAL, label TEXT, width INTEGER, height INTEGER, checksum BLOB,
      entropy REAL, one_colour REAL, sharpness REAL, text REAL, problem TEXT, UNIQUE(source, file));
    CREATE INDEX images_to_hash ON images(id) WHERE width IS NULL AND problem IS NULL;
    CREATE TABLE verdicts(
      image INTEGER PRIMARY KEY, stage TEXT NOT NULL, rule TEXT NOT NULL, score REAL,
      other INTEGER);
    CREATE TABLE pairs(
      stage TEXT NOT NULL, rule TEXT NOT NULL, a INTEGER NOT NULL, b INTEGER NOT NULL,
      score REAL NOT NULL, PRIMARY KEY(stage, rule, a, b)) WITHOUT ROWID;
    \(origins)
    CREATE TABLE stages(
      name TEXT PRIMARY KEY, inputs TEXT NOT NULL, output TEXT, seconds REAL NOT NULL,
      keys TEXT NOT NULL DEFAULT '');
    """

  private static let origins = """
    CREATE TABLE origins(
      image INTEGER NOT NULL, example INTEGER NOT NULL, score REAL NOT NULL, way TEXT NOT NULL,
      rank INTEGER NOT NULL, chosen INTEGER NOT NULL);
    """

  /// Creates the tables if there are none. Throws if this program cannot read the file.
  static func prepare(_ database: Database<CatalogueError>) throws(CatalogueError) {
    let found = try database.integer("PRAGMA user_version")
    guard found <= version else {
      throw .newer(path: database.path, found: found, known: version)
    }
    guard found < version else { return }
    try database.transaction { () throws(CatalogueError) in
      if found == 0 { try database.run(tables) } else { try update(database, from: found) }
      try database.run("PRAGMA user_version = \(version)")
    }
  }

  /// Brings the tables of an earlier version up to this one.
  private static func update(
    _ database: Database<CatalogueError>, from found: Int
  ) throws(CatalogueError) {
    if found < 2 {
      try database.run("ALTER TABLE stages ADD COLUMN keys TEXT NOT NULL DEFAULT ''")
    }
    // Images are measured and retrieved again, because more is asked for.
    try database.run(
      """
      ALTER TABLE images ADD COLUMN text REAL;
      UPDATE images SET width = NULL WHERE problem IS NULL;
      DROP TABLE origins;
      \(origins)
      DELETE FROM stages WHERE name IN ('hash', 'retrieve');
      """)
  }
}
