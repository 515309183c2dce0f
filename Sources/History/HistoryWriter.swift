import Run
import Support

#if canImport(Glibc)
  import Glibc
#endif

/// Records a run in its database. Only the trainer's thread uses it, while it holds the run's
/// `RunLock`.
///
/// Samples and unchanged states are collected in a transaction, which is committed after `batch`
/// rows or `longest` seconds, so that a step costs microseconds. Whatever explains the course of
/// the run (events, evaluations, journal, a change of state) is committed at once. A killed
/// process loses at most the open transaction; a power cut loses what was recorded after the last
/// `flush()`.
///
/// When recording fails, the first call throws; later calls do not throw again until recording has
/// worked in between. `dropped` counts the rows that were lost. A full disk is thus reported once
/// and does not stop training. `flush()` and `rewind(to:journal:)` always throw on failure.
package final class HistoryWriter {
  /// The number of rows that could not be recorded.
  package private(set) var dropped = 0

  private let database: Database
  private let insertSample: Statement
  private let insertEvent: Statement
  private let insertEvaluation: Statement
  private let insertJournal: Statement
  private let insertState: Statement
  private let insertPlan: Statement

  /// The number of rows in the open transaction, and when it began on the monotonic clock.
  private var pending = 0
  private var began = 0.0
  private var failing = false
  private var lastStep: Int
  private var lastState: RunState?

  private static let batch = 64
  private static let longest = 1.0

  /// Opens the run's database. Creates it and the run's folder if they do not exist.
  package init(directory: RunDirectory) throws(HistoryError) {
    try directory.create()
    database = try Database(path: directory.database, mode: .readWrite)
    try Schema.check(database)
    try database.run("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL")
    try Schema.prepare(database)
    let metrics = Metric.allCases.map { "\"\($0.rawValue)\"" }
    let marks = Array(repeating: "?", count: metrics.count + 2).joined(separator: ", ")
    insertSample = try database.prepare(
      "INSERT OR REPLACE INTO samples(step, time, \(metrics.joined(separator: ", "))) "
        + "VALUES(\(marks))")
    insertEvent = try database.prepare(
      "INSERT INTO events(time, step, level, kind, text) VALUES(?, ?, ?, ?, ?)")
    insertEvaluation = try database.prepare(
      "INSERT OR REPLACE INTO evaluations(step, name, time, images, classes, \"values\") "
        + "VALUES(?, ?, ?, ?, ?, ?)")
    insertJournal = try database.prepare(
      "INSERT OR IGNORE INTO journal(id, time, step, client, change, arguments, effect) "
        + "VALUES(?, ?, ?, ?, ?, ?, ?)")
    insertPlan = try database.prepare("INSERT OR REPLACE INTO plans(metric, curve) VALUES(?, ?)")
    insertState = try database.prepare("INSERT OR REPLACE INTO state(key, value) VALUES(?, ?)")
    lastStep = try database.integer("SELECT max(step) FROM samples")
  }

  /// Records the sample of a step. If the step is not after the last one, everything recorded from
  /// that step on is deleted first, as in `RunRecord.append(_:)`.
  package func append(_ sample: Sample) throws(HistoryError) {
    try record { () throws(HistoryError) in
      if sample.step <= lastStep {
        let step = sample.step
        try database.run(
          """
          DELETE FROM samples WHERE step >= \(step);
          DELETE FROM evaluations WHERE step >= \(step);
          """)
      }
      insertSample.bind(sample.step, at: 0)
      insertSample.bind(sample.time, at: 1)
      for (index, metric) in Metric.allCases.enumerated() {
        insertSample.bind(sample.values[metric], at: index + 2)
      }
      try insertSample.run()
      lastStep = sample.step
    }
  }

  /// Records an event and commits at once.
  package func append(_ event: RunEvent) throws(HistoryError) {
    try record(atOnce: true) { () throws(HistoryError) in
      insertEvent.bind(event.time, at: 0)
      insertEvent.bind(event.step, at: 1)
      insertEvent.bind(event.level.rawValue, at: 2)
      insertEvent.bind(event.kind, at: 3)
      insertEvent.bind(event.text, at: 4)
      try insertEvent.run()
    }
  }

  /// Records a probe result and commits at once. It replaces one with the same step and name.
  package func append(_ evaluation: ProbeResult) throws(HistoryError) {
    let values = evaluation.values.map { ($0.key.rawValue, $0.value) }
    try record(atOnce: true) { () throws(HistoryError) in
      insertEvaluation.bind(evaluation.step, at: 0)
      insertEvaluation.bind(evaluation.name, at: 1)
      insertEvaluation.bind(evaluation.time, at: 2)
      insertEvaluation.bind(evaluation.images, at: 3)
      insertEvaluation.bind(evaluation.classes, at: 4)
      insertEvaluation.bind(
        Database.json(Dictionary(uniqueKeysWithValues: values)), at: 5)
      try insertEvaluation.run()
    }
  }

  /// Records a change that was made and commits at once. A known id changes nothing.
  package func append(_ entry: JournalEntry) throws(HistoryError) {
    try record(atOnce: true) { () throws(HistoryError) in try insert(entry) }
  }

  private func insert(_ entry: JournalEntry) throws(HistoryError) {
    insertJournal.bind(entry.id, at: 0)
    insertJournal.bind(entry.time, at: 1)
    insertJournal.bind(entry.step, at: 2)
    insertJournal.bind(entry.client, at: 3)
    insertJournal.bind(entry.change.kind.name, at: 4)
    insertJournal.bind(Database.json(entry.change.arguments), at: 5)
    insertJournal.bind(entry.effect.map { Database.json($0) }, at: 6)
    try insertJournal.run()
  }

  /// Records the run's status. Commits at once if its state has changed.
  package func set(_ status: RunStatus) throws(HistoryError) {
    try record(atOnce: status.state != lastState) { () throws(HistoryError) in
      try put(.status, Database.json(status))
    }
    lastState = status.state
  }

  /// Records planned curves and commits at once. Each replaces the curve of the same metric.
  package func set(_ plan: [PlannedCurve]) throws(HistoryError) {
    try record(atOnce: true) { () throws(HistoryError) in
      for curve in plan {
        insertPlan.bind(curve.metric.rawValue, at: 0)
        insertPlan.bind(Database.json(curve), at: 1)
        try insertPlan.run()
      }
    }
  }

  private func put(_ key: StateKey, _ json: String) throws(HistoryError) {
    insertState.bind(key.rawValue, at: 0)
    insertState.bind(json, at: 1)
    try insertState.run()
  }

  /// Commits, and makes everything recorded safe from a power cut. Call it before a checkpoint is
  /// committed, so that the record always reaches at least as far as the checkpoint.
  package func flush() throws(HistoryError) {
    try commit()
    try database.run("PRAGMA wal_checkpoint(PASSIVE)")
  }

  /// Goes back to the checkpoint of a step: deletes samples and evaluations of later steps, and
  /// adds the entries of `journal` that the database does not have. The recorded journal and
  /// events stay, since they say what happened rather than what is current.
  ///
  /// This is one transaction, because what the run computes next depends on the journal: a process
  /// that is killed here must not lose an entry.
  package func rewind(to step: Int, journal: Journal) throws(HistoryError) {
    try commit()
    do {
      try database.run(
        """
        BEGIN IMMEDIATE;
        DELETE FROM samples WHERE step > \(step);
        DELETE FROM evaluations WHERE step > \(step);
        """)
      for entry in journal.entries { try insert(entry) }
      try database.run("COMMIT")
    } catch {
      database.rollBack()
      throw error
    }
    lastStep = min(lastStep, step)
  }

  /// Commits, and merges the write-ahead log into the database, so that an ended run is one file
  /// that can be read from a read-only disk. If a reader has the database open, the log stays next
  /// to it, which does no harm.
  package func close() throws(HistoryError) {
    try flush()
    try? database.run("PRAGMA journal_mode = DELETE")
  }

  /// Runs `write` in the open transaction, and commits when the transaction is due.
  private func record(
    atOnce: Bool = false, _ write: () throws(HistoryError) -> Void
  ) throws(HistoryError) {
    do {
      let now = Clock.monotonic()
      if !database.isInTransaction {
        try database.run("BEGIN")
        began = now
      }
      pending += 1
      try write()
      if atOnce || pending >= Self.batch || now - began >= Self.longest { try commit() }
    } catch {
      abandon()
      if failing { return }
      failing = true
      throw error
    }
  }

  private func commit() throws(HistoryError) {
    guard database.isInTransaction else { return }
    do {
      try database.run("COMMIT")
      pending = 0
      failing = false
    } catch {
      abandon()
      throw error
    }
  }

  /// Rolls back and counts the lost rows.
  private func abandon() {
    database.rollBack()
    dropped += pending
    pending = 0
  }
}
