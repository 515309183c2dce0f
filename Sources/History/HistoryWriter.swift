import Run
import Support

#if canImport(Glibc)
  import Glibc
#endif

/// Records a run in its database. The trainer's thread alone uses it, holding the run's `RunLock`.
///
/// Samples and unchanged states are gathered in a transaction that ends after `batch` of them or
/// after a second, so that a step costs microseconds; whatever tells why a run did what it did
/// (events, evaluations, journal, a change of state) is committed at once. A killed process loses
/// at most the open batch; a power cut loses what came after the last `flush()`.
///
/// The calls throw when recording begins to fail, and then not again until it has worked in between
/// (`dropped` counts what was lost): a full disk is told once and stops no training. `flush` and
/// `rewind` always throw.
package final class HistoryWriter {
  /// Rows that could not be recorded.
  package private(set) var dropped = 0

  private let database: Database
  private let insertSample: Statement
  private let insertEvent: Statement
  private let insertEvaluation: Statement
  private let insertJournal: Statement
  private let insertState: Statement
  private let insertPlan: Statement

  /// Rows in the open transaction, and when it began, on the monotonic clock.
  private var pending = 0
  private var began = 0.0
  private var failing = false
  private var lastStep: Int
  private var lastState: RunState?

  private static let batch = 64
  private static let longest = 1.0

  /// Opens the run's database, or creates it and the run's folder.
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

  /// Records a step. One that is not after the last replaces what was recorded from there on, as
  /// in `RunRecord.append`.
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

  package func append(_ evaluation: Evaluation) throws(HistoryError) {
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

  /// Records a change that was made; one whose id is recorded already changes nothing.
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

  /// Records where the run stands; a change of state is committed at once.
  package func set(_ status: RunStatus) throws(HistoryError) {
    try record(atOnce: status.state != lastState) { () throws(HistoryError) in
      try put(.status, Database.json(status))
    }
    lastState = status.state
  }

  /// Records planned curves, each in place of the one of the same schedule.
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

  /// Makes all that was recorded safe from a power cut. Call it before a checkpoint is committed,
  /// so that the record always reaches at least as far as the checkpoint.
  package func flush() throws(HistoryError) {
    try commit()
    try database.run("PRAGMA wal_checkpoint(PASSIVE)")
  }

  /// Goes back to the checkpoint of a step: forgets samples and evaluations of later steps, and
  /// records those entries of `journal` that are not recorded yet. Journal and events stay, since they
  /// tell what happened and not what holds.
  ///
  /// All of it or nothing: what the run computes next depends on the journal, and a process that is
  /// killed here must not lose an entry of it.
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

  /// Commits, and folds the log into the database: an ended run is one file that can be read from
  /// a read-only disk. Where a reader has it open, the log stays beside it, which harms nothing.
  package func close() throws(HistoryError) {
    try flush()
    try? database.run("PRAGMA journal_mode = DELETE")
  }

  /// Runs `write` in the open transaction and ends it when it is due.
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

  private func abandon() {
    database.rollBack()
    dropped += pending
    pending = 0
  }
}
