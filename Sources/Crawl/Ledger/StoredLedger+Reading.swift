import SQL
import Support

extension StoredLedger {
  package func waitingHosts(
    after host: String?, at time: Double, limit: Int
  ) throws(FileError) -> [(host: String, waiting: Int)] {
    let find = try database.prepare(
      """
      SELECT name, (SELECT count(*) FROM url WHERE host = host.id AND outcome IS NULL) AS n
      FROM host WHERE id > ? AND paused_until <= ? AND n > 0 ORDER BY id LIMIT ?
      """)
    find.bind(try host.map { name throws(FileError) in try hostNumber(name) } ?? 0, at: 0)
    find.bind(time, at: 1)
    find.bind(limit, at: 2)
    var found: [(host: String, waiting: Int)] = []
    while try find.step() { found.append((find.text(0), find.integer(1))) }
    return found
  }

  package func waiting(
    at host: String, after id: Int, limit: Int
  ) throws(FileError) -> [QueuedURL] {
    let find = try database.prepare(
      "SELECT id, url FROM url WHERE host = ? AND outcome IS NULL AND id > ? ORDER BY id LIMIT ?")
    find.bind(try hostNumber(host), at: 0)
    find.bind(id, at: 1)
    find.bind(limit, at: 2)
    var found: [QueuedURL] = []
    while try find.step() {
      if let url = try? WebURL(find.text(1)) {
        found.append(QueuedURL(id: find.integer(0), url: url))
      }
    }
    return found
  }

  package func host(_ name: String) throws(FileError) -> HostRecord {
    let find = try database.prepare("\(Self.hosts) WHERE name = ?")
    find.bind(name, at: 0)
    return try records(find).first ?? HostRecord(name: name)
  }

  package func failingHosts(limit: Int) throws(FileError) -> [HostRecord] {
    let find = try database.prepare(
      "\(Self.hosts) WHERE failures > 0 ORDER BY failures DESC, id LIMIT ?")
    find.bind(limit, at: 0)
    return try records(find)
  }

  private static var hosts: String {
    "SELECT name, paused_until, reason, failures, bad_certificates, forbidden FROM host"
  }

  private func records(_ find: Statement<FileError>) throws(FileError) -> [HostRecord] {
    var found: [HostRecord] = []
    while try find.step() {
      var record = HostRecord(name: find.text(0))
      record.pausedUntil = find.double(1)
      record.reason = find.text(2)
      (record.failures, record.badCertificates) = (find.integer(3), find.integer(4))
      record.forbidden = find.integer(5)
      found.append(record)
    }
    return found
  }

  package func robots(of origin: String) throws(FileError) -> RobotsRecord? {
    let find = try database.prepare("SELECT text, until FROM robots WHERE origin = ?")
    find.bind(origin, at: 0)
    guard try find.step() else { return nil }
    return RobotsRecord(
      origin: origin, text: find.optional(0, find.text), until: find.double(1))
  }

  package func counts() throws(FileError) -> [FetchOutcome: Int] {
    let find = try database.prepare(
      "SELECT outcome, count(*) FROM url WHERE outcome IS NOT NULL GROUP BY outcome")
    var counts: [FetchOutcome: Int] = [:]
    while try find.step() {
      if let outcome = FetchOutcome(rawValue: find.text(0)) { counts[outcome] = find.integer(1) }
    }
    return counts
  }

  package func waitingCounts(at time: Double) throws(FileError) -> (all: Int, paused: Int) {
    let find = try database.prepare(
      """
      SELECT count(*), coalesce(sum(paused_until > ?), 0) FROM url JOIN host ON host.id = url.host
      WHERE outcome IS NULL
      """)
    find.bind(time, at: 0)
    return try find.step() ? (find.integer(0), find.integer(1)) : (0, 0)
  }

  /// Returns the images that were kept, with their addresses, pages and alternative texts, in the
  /// order in which they were gathered.
  package func keptImages() throws(FileError) -> [KeptLink] {
    let find = try database.prepare(
      "SELECT url, page, alt, hash, file, bytes FROM url WHERE outcome = 'kept' ORDER BY id")
    var found: [KeptLink] = []
    while try find.step() {
      found.append(
        KeptLink(
          url: find.text(0), page: find.text(1), alt: find.text(2),
          image: KeptImage(hash: find.text(3), file: find.text(4), bytes: find.integer(5))))
    }
    return found
  }
}

extension StoredLedger {
  /// Returns what is known of an address; `nil` if it was never gathered.
  package func link(at url: String) throws(FileError) -> LinkRecord? {
    try links("url = ?", url).first
  }

  /// Returns the addresses at which an image was found, by the name of its file.
  package func links(of file: String) throws(FileError) -> [LinkRecord] {
    try links("file = ?", file)
  }

  private func links(_ condition: String, _ value: String) throws(FileError) -> [LinkRecord] {
    let find = try database.prepare(
      "SELECT url, page, outcome, status, detail, file FROM url WHERE \(condition) ORDER BY id")
    find.bind(value, at: 0)
    var found: [LinkRecord] = []
    while try find.step() {
      found.append(
        LinkRecord(
          url: find.text(0), page: find.text(1),
          outcome: find.optional(2, find.text).flatMap(FetchOutcome.init), status: find.integer(3),
          detail: find.text(4), file: find.optional(5, find.text)))
    }
    return found
  }
}

/// What is known of an address.
package struct LinkRecord: Sendable, Equatable {
  package let url: String
  /// The page that shows it; empty if that is not known.
  package let page: String
  /// How it ended; `nil` if it waits.
  package let outcome: FetchOutcome?
  package let status: Int
  package let detail: String
  /// The file of the image, below the folder of images; `nil` if none was kept.
  package let file: String?
}

/// An image that was kept, and where it is from.
package struct KeptLink: Sendable, Equatable {
  package let url: String
  /// The page that shows it, and its alternative text.
  package let page: String
  package let alt: String
  package let image: KeptImage
}
