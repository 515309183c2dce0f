import SQL
import Support

/// A ledger in one SQLite file, or in memory. A process that holds a file keeps others away from it.
package final class StoredLedger: CrawlLedger {
  let database: Database<FileError>
  private let findHost: Statement<FileError>
  private let addHost: Statement<FileError>

  private static let schema = """
    CREATE TABLE IF NOT EXISTS source(name TEXT PRIMARY KEY, position INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS rules(fingerprint TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS host(id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL,
      paused_until REAL NOT NULL DEFAULT 0, reason TEXT NOT NULL DEFAULT '',
      failures INTEGER NOT NULL DEFAULT 0, bad_certificates INTEGER NOT NULL DEFAULT 0,
      forbidden INTEGER NOT NULL DEFAULT 0);
    CREATE TABLE IF NOT EXISTS robots(origin TEXT PRIMARY KEY, text TEXT, until REAL NOT NULL);
    CREATE TABLE IF NOT EXISTS url(id INTEGER PRIMARY KEY, url TEXT UNIQUE NOT NULL,
      host INTEGER NOT NULL, page TEXT NOT NULL, alt TEXT NOT NULL, outcome TEXT, status INTEGER,
      detail TEXT, hash TEXT, file TEXT, bytes INTEGER);
    CREATE INDEX IF NOT EXISTS waiting ON url(host, id) WHERE outcome IS NULL;
    CREATE INDEX IF NOT EXISTS outcomes ON url(outcome) WHERE outcome IS NOT NULL;
    CREATE INDEX IF NOT EXISTS failing ON host(failures) WHERE failures > 0;
    """

  /// Opens the file at a path, which is created if it is missing; in memory without a path.
  package init(path: String? = nil) throws(FileError) {
    let database = try Database<FileError>(path: path ?? ":memory:", mode: .readWrite)
    database.wait(2000)
    // A second process would fetch everything twice.
    try database.run(
      "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
    try database.transaction { () throws(FileError) in try database.run(Self.schema) }
    self.database = database
    findHost = try database.prepare("SELECT id FROM host WHERE name = ?")
    addHost = try database.prepare("INSERT INTO host(name) VALUES(?) RETURNING id")
  }

  /// Says by which rules links are gathered from now on. If they are others than before, sources are
  /// read anew, and what ended because of the rules waits again.
  package func follow(_ fingerprint: String) throws(FileError) {
    let find = try database.prepare("SELECT count(*) FROM rules WHERE fingerprint = ?")
    find.bind(fingerprint, at: 0)
    guard try find.step(), find.integer(0) == 0 else { return }
    try database.transaction { () throws(FileError) in
      try database.run("DELETE FROM rules; DELETE FROM source")
      let outcomes = FetchOutcome.allCases.filter(\.isByRules).map { "'\($0.rawValue)'" }
      try database.run(
        "UPDATE url SET outcome = NULL WHERE outcome IN (\(outcomes.joined(separator: ",")))")
      let put = try database.prepare("INSERT INTO rules VALUES(?)")
      put.bind(fingerprint, at: 0)
      try put.run()
    }
  }

  package func position(of source: String) throws(FileError) -> Int {
    let find = try database.prepare("SELECT position FROM source WHERE name = ?")
    find.bind(source, at: 0)
    return try find.step() ? find.integer(0) : 0
  }

  package func add(
    _ links: [ImageLink], of source: String, upTo position: Int
  ) throws(FileError) -> Int {
    var new = 0
    try database.transaction { () throws(FileError) in
      let add = try database.prepare(
        "INSERT INTO url(url, host, page, alt) VALUES(?, ?, ?, ?) ON CONFLICT(url) DO NOTHING")
      for link in links {
        add.bind(link.url.description, at: 0)
        add.bind(try hostNumber(link.url.host), at: 1)
        add.bind(link.page, at: 2)
        add.bind(link.alt, at: 3)
        try add.run()
        new += database.changes
      }
      let put = try database.prepare("REPLACE INTO source(name, position) VALUES(?, ?)")
      put.bind(source, at: 0)
      put.bind(position, at: 1)
      try put.run()
    }
    return new
  }

  /// The number of a host, which is given one if it has none.
  func hostNumber(_ name: String) throws(FileError) -> Int {
    for statement in [findHost, addHost] {
      statement.bind(name, at: 0)
      guard try statement.step() else { continue }
      let number = statement.integer(0)
      _ = try statement.step()
      return number
    }
    return 0
  }

  package func record(
    _ results: [FetchResult], hosts: [HostRecord], robots: [RobotsRecord]
  ) throws(FileError) {
    try database.transaction { () throws(FileError) in
      try write(results)
      try write(hosts)
      try write(robots)
    }
  }

  private func write(_ results: [FetchResult]) throws(FileError) {
    let put = try database.prepare(
      """
      UPDATE url SET outcome = ?, status = ?, detail = ?, hash = ?, file = ?, bytes = ? WHERE id = ?
      """)
    for result in results {
      put.bind(result.outcome.rawValue, at: 0)
      put.bind(result.status, at: 1)
      put.bind(result.detail, at: 2)
      put.bind(result.image?.hash, at: 3)
      put.bind(result.image?.file, at: 4)
      put.bind(result.image?.bytes, at: 5)
      put.bind(result.id, at: 6)
      try put.run()
    }
  }

  private func write(_ hosts: [HostRecord]) throws(FileError) {
    let put = try database.prepare(
      """
      UPDATE host SET paused_until = ?, reason = ?, failures = ?, bad_certificates = ?, forbidden = ?
      WHERE id = ?
      """)
    for host in hosts {
      put.bind(host.pausedUntil, at: 0)
      put.bind(host.reason, at: 1)
      put.bind(host.failures, at: 2)
      put.bind(host.badCertificates, at: 3)
      put.bind(host.forbidden, at: 4)
      put.bind(try hostNumber(host.name), at: 5)
      try put.run()
    }
  }

  private func write(_ robots: [RobotsRecord]) throws(FileError) {
    let put = try database.prepare("REPLACE INTO robots(origin, text, until) VALUES(?, ?, ?)")
    for file in robots {
      put.bind(file.origin, at: 0)
      put.bind(file.text, at: 1)
      put.bind(file.until, at: 2)
      try put.run()
    }
  }
}
