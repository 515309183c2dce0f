import FoundationEssentials
import Run
import SQL
import Support

/// The tables of `history.sqlite`.
///
/// `samples` has one column for each metric, so that one line of SQL is enough to plot a run, and
/// a thinned reading costs a few thousand look-ups by key, however long the run is. A metric that
/// a later version adds becomes a column that this version does not read. `version` only rises
/// when an older Dino would misread the file.
enum Schema {
  static let version = 2

  private static let tables = """
    CREATE TABLE samples(step INTEGER PRIMARY KEY, time REAL NOT NULL);
    CREATE TABLE events(
      id INTEGER PRIMARY KEY, time REAL NOT NULL, step INTEGER NOT NULL, level TEXT NOT NULL,
      kind TEXT NOT NULL, text TEXT NOT NULL);
    CREATE TABLE evaluations(
      step INTEGER NOT NULL, name TEXT NOT NULL, time REAL NOT NULL, images INTEGER NOT NULL,
      classes INTEGER NOT NULL, "values" TEXT NOT NULL, data TEXT, neighbours BLOB,
      PRIMARY KEY(step, name));
    CREATE TABLE journal(
      id TEXT NOT NULL UNIQUE, time REAL NOT NULL, step INTEGER NOT NULL, client TEXT NOT NULL,
      change TEXT NOT NULL, arguments TEXT NOT NULL, effect TEXT);
    \(pictures);
    CREATE TABLE plans(metric TEXT PRIMARY KEY, curve TEXT NOT NULL);
    CREATE TABLE state(key TEXT PRIMARY KEY, value TEXT NOT NULL);
    """

  /// Added by a later version, so that older files lack it.
  private static let pictures = """
    CREATE TABLE IF NOT EXISTS pictures(
      step INTEGER NOT NULL, number INTEGER NOT NULL, kind TEXT NOT NULL, width INTEGER NOT NULL,
      height INTEGER NOT NULL, pixels BLOB NOT NULL, data TEXT, PRIMARY KEY(step, kind, number))
    """

  private static let setVersion = "PRAGMA user_version = \(version)"

  /// Writes the version again, which changes nothing.
  static func writeVersion(_ database: HistoryDatabase) throws(HistoryError) {
    try database.run(setVersion)
  }

  /// Creates the tables and columns that do not exist yet.
  static func prepare(_ database: HistoryDatabase) throws(HistoryError) {
    let found = try check(database)
    if found == 0 {
      try database.transaction { () throws(HistoryError) in try database.run(tables + setVersion) }
    }
    let present = Set(try database.columns(of: "samples"))
    var additions = Metric.allCases.filter { !present.contains($0.rawValue) }.map {
      "ALTER TABLE samples ADD COLUMN \"\($0.rawValue)\" REAL"
    }
    let columns = try database.columns(of: "evaluations")
    for (name, type) in [("data", "TEXT"), ("neighbours", "BLOB")] where !columns.contains(name) {
      additions.append("ALTER TABLE evaluations ADD COLUMN \(name) \(type)")
    }
    if try database.columns(of: "pictures").isEmpty { additions.append(pictures) }
    // One transaction, since each waits for the disk.
    guard !additions.isEmpty else { return }
    try database.transaction { () throws(HistoryError) in
      try database.run(additions.joined(separator: "; "))
    }
  }

  /// Returns the file's schema version; 0 for an empty file. Throws if this program cannot read
  /// it.
  @discardableResult
  static func check(_ database: HistoryDatabase) throws(HistoryError) -> Int {
    let found = try database.integer("PRAGMA user_version")
    guard found <= version else {
      throw .newer(path: database.path, found: found, known: version)
    }
    guard found == 0 || found == version else {
      throw .older(path: database.path, found: found, known: version)
    }
    return found
  }
}

/// The keys of the `state` table. The values are JSON.
enum StateKey: String { case status, checkpoint }

extension HistoryDatabase {
  /// Returns a value as JSON with sorted keys.
  static func json(_ value: some Encodable) -> String {
    String(decoding: PortableJSON.encode(value, isSorted: true), as: UTF8.self)
  }

  /// Decodes a value that `json(_:)` wrote.
  func decode<Value: Decodable>(
    _ type: Value.Type, _ json: String
  ) throws(HistoryError) -> Value {
    guard let value = PortableJSON.decode(type, Data(json.utf8)) else {
      throw .damaged(path: path, detail: "unreadable \(type)")
    }
    return value
  }
}
