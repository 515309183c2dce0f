import Run
import SQL
import Support

#if canImport(Glibc)
  import Glibc
#endif

/// Records a run in its database. Only the trainer's thread uses it, while it holds the run's
/// `RunLock`.
///
/// There are two kinds of records:
///
/// - **Changes** (`commit`, `rewind`) decide what the run computes. They are on the disk when the
///   call returns, and a call that throws has changed nothing. They wait up to two seconds for
///   another program that holds the database.
/// - **Telemetry** (`append`, `set`) is what people look at. It waits in memory and is written after
///   `batch` rows or `longest` seconds, or at once where it explains the course of the run. A step
///   never waits for the disk to sync or for another program's lock: rows that cannot be written
///   stay in memory, up to `limit` of them, and are written when that is possible again. A killed
///   process loses at most the waiting rows; a power cut loses what came after the last `flush()`.
///
/// When telemetry cannot be written for another reason than a lock, the first call throws, and later
/// ones do not until a write has succeeded in between. So a full disk is reported once and does not
/// stop training. `dropped` counts the rows that found no place in memory. Telemetry leaves some room
/// on the disk, so that the state in which a run ended is recorded even when the disk is full.
package final class HistoryWriter {
  /// The number of rows that could not be recorded.
  package private(set) var dropped = 0

  let database: HistoryDatabase
  let statements: HistoryStatements
  private let directory: RunDirectory
  private var waiting: [HistoryRow] = []
  private var status: RunStatus?
  /// When the oldest waiting row came and when a failed write may be tried again, on the monotonic
  /// clock.
  private var began = 0.0
  private var retry = 0.0
  private var failing = false
  private var lastState: RunState?

  private static let batch = 64
  private static let longest = 1.0
  private static let limit = 10_000
  /// The bytes at the end of the write-ahead log that changes and the run's state alone may fill.
  private static let reserve = 128 << 10
  /// The bytes of the write-ahead log that a transaction takes besides its rows, and a row takes, at
  /// most in practice.
  private static let (pages, row) = (64 << 10, 1 << 10)
  /// How long a change waits for another program's lock, in milliseconds.
  private static let patience: Int32 = 2000

  /// Opens the run's database. Creates it and the run's folder if they do not exist.
  package init(directory: RunDirectory) throws(HistoryError) {
    try directory.create()
    self.directory = directory
    database = try HistoryDatabase(path: directory.database, mode: .readWrite)
    try Schema.check(database)
    try database.run("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
    try Schema.prepare(database)
    statements = try HistoryStatements(database)
    do throws(FileError) {
      try FileSystem.flushFolder(directory.path)
    } catch {
      throw HistoryError(error)
    }
    try database.run("PRAGMA synchronous = NORMAL")
    database.wait(0)
  }

  /// Records the sample of a step. If the step is not after the last one, everything recorded from
  /// that step on is deleted first, as in `RunRecord.append(_:)`.
  package func append(_ sample: Sample) throws(HistoryError) { try add(.sample(sample)) }

  /// Records an event.
  package func append(_ event: RunEvent) throws(HistoryError) {
    try add(.event(event), atOnce: true)
  }

  /// Records a probe result. It replaces one with the same step and name.
  ///
  /// - Parameter neighbours: what `neighbours(of:before:data:)` returns at the next probe.
  package func append(
    _ result: ProbeResult, neighbours: [UInt8]? = nil
  ) throws(HistoryError) {
    try add(.result(result, neighbours: neighbours), atOnce: true)
  }

  /// Returns the neighbours that the last probe of a name before a step recorded; `nil` if it recorded none, or
  /// on images with another fingerprint.
  package func neighbours(
    of name: String, before step: Int, data: String?
  ) throws(HistoryError) -> [UInt8]? {
    let statement = try database.prepare(
      "SELECT neighbours, data FROM evaluations WHERE name = ? AND step < ? ORDER BY step DESC LIMIT 1"
    )
    statement.bind(name, at: 0)
    statement.bind(step, at: 1)
    guard try statement.step(), statement.optional(1, statement.text) == data else { return nil }
    return statement.optional(0, statement.bytes)
  }

  /// Records the run's status, at once if its state has changed.
  package func set(_ status: RunStatus) throws(HistoryError) {
    self.status = status
    let isNew = status.state != lastState
    lastState = status.state
    defer { if isNew { writeStatusAlone() } }
    try writeIfDue(atOnce: isNew)
  }

  /// Records planned curves. Each replaces the curve of the same metric.
  package func set(_ plan: [PlannedCurve]) throws(HistoryError) {
    try add(.plan(plan), atOnce: true)
  }

  /// Adds changes that were asked for together to the journal. They are on the disk when this returns. A
  /// known id changes nothing.
  package func commit(_ entries: JournalEntry...) throws(HistoryError) { try commit(entries) }

  /// Adds changes that were asked for together to the journal, all of them or none.
  package func commit(_ entries: [JournalEntry]) throws(HistoryError) {
    try change { () throws(HistoryError) in
      for entry in entries { try statements.insert(entry) }
    }
  }

  /// Records that the checkpoint of a step is on the disk, so that a later start knows that there
  /// is one. This is on the disk when the call returns, unless another program holds the database.
  package func append(checkpoint step: Int) throws(HistoryError) {
    do {
      try change(patience: 0) { () throws(HistoryError) in
        try statements.put(.checkpoint, "\(step)")
      }
    } catch .busy {
      try add(.checkpoint(step), atOnce: true)
    }
  }

  /// Goes back to the checkpoint of a step: deletes samples and evaluations of later steps, and
  /// adds the entries of `journal` that the database does not have. The recorded journal and
  /// events stay, since they say what happened rather than what is current.
  ///
  /// This is one transaction, because what the run computes next depends on the journal: a process
  /// that is killed here must not lose an entry.
  package func rewind(to step: Int, journal: Journal) throws(HistoryError) {
    let rows = waiting
    try change { () throws(HistoryError) in
      for row in rows { try statements.insert(row) }
      try database.run(
        """
        DELETE FROM samples WHERE step > \(step);
        DELETE FROM evaluations WHERE step > \(step);
        DELETE FROM pictures WHERE step > \(step);
        """)
      for entry in journal.entries { try statements.insert(entry) }
      if step > 0 { try statements.put(.checkpoint, "\(step)") }
    }
    waiting = []
    statements.lastStep = min(statements.lastStep, step)
  }

  /// Writes what waits, and makes everything recorded safe from a power cut. Call it before a
  /// checkpoint is written, so that the record reaches at least as far as the checkpoint. Another
  /// program's lock is not waited for unless `patiently`; the rows then wait for the next call.
  package func flush(patiently: Bool = false) throws(HistoryError) {
    let (rows, status) = (waiting, status)
    try makeRoom(for: rows)
    try change(patience: patiently ? Self.patience : 0) { () throws(HistoryError) in
      for row in rows { try statements.insert(row) }
      if let status { try statements.put(.status, HistoryDatabase.json(status)) }
    }
    waiting = []
    self.status = nil
    failing = false
    // Keeps the write-ahead log short: SQLite writes over what is in the database.
    try? database.run("PRAGMA wal_checkpoint(PASSIVE)")
  }

  /// Writes what waits, and merges the write-ahead log into the database, so that an ended run is
  /// one file that can be read from a read-only disk. If a reader has the database open, the log
  /// stays next to it, which does no harm.
  package func close() throws(HistoryError) {
    do {
      try flush(patiently: true)
    } catch {
      writeStatusAlone()
      throw error
    }
    try? database.run("PRAGMA wal_checkpoint(TRUNCATE)")
    try? database.run("PRAGMA journal_mode = DELETE")
  }

  /// Runs `body` in a transaction that is on the disk when this returns, or not at all. So is
  /// everything that was written before it.
  private func change(
    patience: Int32 = patience, _ body: () throws(HistoryError) -> Void
  ) throws(HistoryError) {
    database.wait(patience)
    defer { database.wait(0) }
    try database.run("PRAGMA synchronous = FULL")
    defer { try? database.run("PRAGMA synchronous = NORMAL") }
    try transaction { () throws(HistoryError) in
      try body()
      // SQLite only syncs what was written before if this transaction writes something, too.
      try Schema.writeVersion(database)
    }
  }

  /// Makes sure that rows can be written without the room that is reserved for the run's last
  /// state.
  private func makeRoom(for rows: [HistoryRow]) throws(HistoryError) {
    let bytes = Self.pages + rows.reduce(0) { $0 + Self.row + $1.blobBytes }
    guard database.reserve(Self.reserve + bytes) else { throw .full(path: directory.database) }
  }

  /// Runs `body` in a transaction, and reserves room for the run's last state behind it.
  private func transaction(_ body: () throws(HistoryError) -> Void) throws(HistoryError) {
    let last = statements.lastStep
    do {
      try database.transaction(body)
    } catch {
      statements.lastStep = last
      throw error
    }
    database.reserve(Self.reserve)
  }

  /// Writes the run's state without the rows that wait. Even a full disk has room for it, and it
  /// says how the run ended.
  private func writeStatusAlone() {
    guard let status, (try? statements.put(.status, HistoryDatabase.json(status))) != nil else {
      return
    }
    self.status = nil
  }

  func add(_ row: HistoryRow, atOnce: Bool = false) throws(HistoryError) {
    if waiting.isEmpty { began = Clock.monotonic() }
    waiting.append(row)
    if waiting.count > Self.limit {
      waiting.removeFirst(Self.limit / 10)
      dropped += Self.limit / 10
    }
    try writeIfDue(atOnce: atOnce)
  }

  /// Writes the waiting rows if it is time to.
  private func writeIfDue(atOnce: Bool) throws(HistoryError) {
    let now = Clock.monotonic()
    guard atOnce || waiting.count >= Self.batch || now - began >= Self.longest, now >= retry
    else { return }
    do {
      try makeRoom(for: waiting)
      try transaction { () throws(HistoryError) in
        for row in waiting { try statements.insert(row) }
        if let status { try statements.put(.status, HistoryDatabase.json(status)) }
      }
      (waiting, status, failing) = ([], nil, false)
    } catch {
      // The rows stay, and are tried again later.
      if case .busy = error {
        retry = now + 0.1
        return
      }
      retry = now + 1
      if failing { return }
      failing = true
      throw error
    }
  }
}
