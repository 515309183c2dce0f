import Support

/// A ledger in one SQLite file, or in memory. A process that holds a file keeps others away from it.
package final class StoredLedger: CrawlLedger {
  private let database: LedgerDatabase

  private static let schema = [
    "CREATE TABLE IF NOT EXISTS source(name TEXT PRIMARY KEY, position INTEGER NOT NULL)",
    """
    CREATE TABLE IF NOT EXISTS host(id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL,
    paused_until REAL NOT NULL DEFAULT 0, reason TEXT NOT NULL DEFAULT '',
    failures INTEGER NOT NULL DEFAULT 0, bad_certificates INTEGER NOT NULL DEFAULT 0,
    forbidden INTEGER NOT NULL DEFAULT 0)
    """,
    "CREATE TABLE IF NOT EXISTS robots(origin TEXT PRIMARY KEY, text TEXT, until REAL NOT NULL)",
    """
    CREATE TABLE IF NOT EXISTS url(id INTEGER PRIMARY KEY, url TEXT UNIQUE NOT NULL,
    host INTEGER NOT NULL, page TEXT NOT NULL, alt TEXT NOT NULL, outcome TEXT, status INTEGER,
    detail TEXT, hash TEXT, file TEXT, bytes INTEGER)
    """,
    "CREATE INDEX IF NOT EXISTS waiting ON url(host, id) WHERE outcome IS NULL",
    "CREATE INDEX IF NOT EXISTS outcomes ON url(outcome) WHERE outcome IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS failing ON host(failures) WHERE failures > 0",
  ]

  /// Opens the file at a path, which is created if it is missing; in memory without a path.
  package init(path: String? = nil) throws(FileError) {
    database = try LedgerDatabase(path: path)
    for statement in Self.schema { try database.run(statement) }
  }

  package func position(of source: String) throws(FileError) -> Int {
    try database.first("SELECT position FROM source WHERE name = ?", [.text(source)])?.integer ?? 0
  }

  package func add(
    _ links: [ImageLink], of source: String, upTo position: Int
  ) throws(FileError) -> Int {
    var new = 0
    try database.transaction { () throws(FileError) in
      for link in links {
        try database.run(
          """
          INSERT INTO url(url, host, page, alt) VALUES(?, ?, ?, ?) ON CONFLICT(url) DO NOTHING
          """,
          [
            .text(link.url.description), .integer(try hostNumber(link.url.host)),
            .text(link.page), .text(link.alt),
          ])
        new += database.changes
      }
      try database.run(
        "INSERT OR REPLACE INTO source(name, position) VALUES(?, ?)",
        [.text(source), .integer(position)])
    }
    return new
  }

  /// The number of a host, which is given one if it has none.
  private func hostNumber(_ name: String) throws(FileError) -> Int {
    let find = "SELECT id FROM host WHERE name = ?"
    if let known = try database.first(find, [.text(name)]) { return known.integer }
    try database.run("INSERT INTO host(name) VALUES(?)", [.text(name)])
    return try database.first(find, [.text(name)])!.integer
  }

  package func waitingHosts(
    after host: String?, at time: Double, limit: Int
  ) throws(FileError) -> [(host: String, waiting: Int)] {
    let first = try host.map { name throws(FileError) in try hostNumber(name) } ?? 0
    var found: [(host: String, waiting: Int)] = []
    try database.run(
      """
      SELECT name, (SELECT count(*) FROM url WHERE host = host.id AND outcome IS NULL) AS n
      FROM host WHERE id > ? AND paused_until <= ? AND n > 0 ORDER BY id LIMIT ?
      """, [.integer(first), .real(time), .integer(limit)]
    ) { (row) throws(FileError) in found.append((row[0].text, row[1].integer)) }
    return found
  }

  package func waiting(
    at host: String, after id: Int, limit: Int
  ) throws(FileError) -> [QueuedURL] {
    var found: [QueuedURL] = []
    try database.run(
      "SELECT id, url FROM url WHERE host = ? AND outcome IS NULL AND id > ? ORDER BY id LIMIT ?",
      [.integer(try hostNumber(host)), .integer(id), .integer(limit)]
    ) { (row) throws(FileError) in
      if let url = try? WebURL(row[1].text) {
        found.append(QueuedURL(id: row[0].integer, url: url))
      }
    }
    return found
  }

  package func host(_ name: String) throws(FileError) -> HostRecord {
    try hosts("WHERE name = ?", [.text(name)]).first ?? HostRecord(name: name)
  }

  package func failingHosts(limit: Int) throws(FileError) -> [HostRecord] {
    try hosts("WHERE failures > 0 ORDER BY failures DESC, id LIMIT ?", [.integer(limit)])
  }

  private func hosts(
    _ condition: String, _ values: [LedgerDatabase.Value]
  ) throws(FileError) -> [HostRecord] {
    var found: [HostRecord] = []
    try database.run(
      """
      SELECT name, paused_until, reason, failures, bad_certificates, forbidden FROM host
      \(condition)
      """, values
    ) { (row) throws(FileError) in
      var record = HostRecord(name: row[0].text)
      record.pausedUntil = row[1].real
      record.reason = row[2].text
      (record.failures, record.badCertificates) = (row[3].integer, row[4].integer)
      record.forbidden = row[5].integer
      found.append(record)
    }
    return found
  }

  package func record(
    _ results: [FetchResult], hosts: [HostRecord], robots: [RobotsRecord]
  ) throws(FileError) {
    try database.transaction { () throws(FileError) in
      for result in results { try write(result) }
      for host in hosts { try write(host) }
      for file in robots { try write(file) }
    }
  }

  private func write(_ result: FetchResult) throws(FileError) {
    let image = result.image
    try database.run(
      """
      UPDATE url SET outcome = ?, status = ?, detail = ?, hash = ?, file = ?, bytes = ? WHERE id = ?
      """,
      [
        .text(result.outcome.rawValue), .integer(result.status), .text(result.detail),
        image.map { .text($0.hash) } ?? .null, image.map { .text($0.file) } ?? .null,
        image.map { .integer($0.bytes) } ?? .null, .integer(result.id),
      ])
  }

  private func write(_ host: HostRecord) throws(FileError) {
    let number = try hostNumber(host.name)
    try database.run(
      """
      UPDATE host SET paused_until = ?, reason = ?, failures = ?, bad_certificates = ?, forbidden = ?
      WHERE id = ?
      """,
      [
        .real(host.pausedUntil), .text(host.reason), .integer(host.failures),
        .integer(host.badCertificates), .integer(host.forbidden), .integer(number),
      ])
  }

  package func robots(of origin: String) throws(FileError) -> RobotsRecord? {
    var found: RobotsRecord?
    try database.run("SELECT text, until FROM robots WHERE origin = ?", [.text(origin)]) {
      (row) throws(FileError) in
      found = RobotsRecord(
        origin: origin, text: row[0] == .null ? nil : row[0].text, until: row[1].real)
    }
    return found
  }

  private func write(_ robots: RobotsRecord) throws(FileError) {
    try database.run(
      "INSERT OR REPLACE INTO robots(origin, text, until) VALUES(?, ?, ?)",
      [.text(robots.origin), robots.text.map { .text($0) } ?? .null, .real(robots.until)])
  }

  package func counts() throws(FileError) -> [FetchOutcome: Int] {
    var counts: [FetchOutcome: Int] = [:]
    try database.run(
      "SELECT outcome, count(*) FROM url WHERE outcome IS NOT NULL GROUP BY outcome"
    ) { (row) throws(FileError) in
      if let outcome = FetchOutcome(rawValue: row[0].text) { counts[outcome] = row[1].integer }
    }
    return counts
  }

  package func waitingCounts(at time: Double) throws(FileError) -> (all: Int, paused: Int) {
    var counts = (all: 0, paused: 0)
    try database.run(
      """
      SELECT count(*), coalesce(sum(paused_until > ?), 0) FROM url JOIN host ON host.id = url.host
      WHERE outcome IS NULL
      """, [.real(time)]
    ) { (row) throws(FileError) in counts = (row[0].integer, row[1].integer) }
    return counts
  }
}

extension StoredLedger {
  /// Returns the images that were kept, with their addresses, pages and alternative texts, in the
  /// order in which they were gathered.
  package func keptImages() throws(FileError) -> [KeptLink] {
    var found: [KeptLink] = []
    try database.run(
      """
      SELECT url, page, alt, hash, file, bytes FROM url WHERE outcome = 'kept' ORDER BY id
      """
    ) { (row) throws(FileError) in
      found.append(
        KeptLink(
          url: row[0].text, page: row[1].text, alt: row[2].text,
          image: KeptImage(hash: row[3].text, file: row[4].text, bytes: row[5].integer)))
    }
    return found
  }
}

/// An image that was kept, and where it is from.
package struct KeptLink: Sendable, Equatable {
  package let url: String
  /// The page that shows it, and its alternative text.
  package let page: String
  package let alt: String
  package let image: KeptImage
}
