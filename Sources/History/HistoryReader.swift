import SQL
import Run

/// Reads a run's database, while a daemon writes it or afterwards. One thread owns it.
///
/// A killed daemon leaves the last state that it recorded, such as `running`.
/// `RunLock.holder(of:)` says whether a daemon is actually at work.
package final class HistoryReader {
  let database: HistoryDatabase
  /// The metrics that this version knows and for which this file has a column.
  private let metrics: [Metric]

  /// Opens the run's database. Throws if there is none or another version's schema cannot be read.
  package init(directory: RunDirectory) throws(HistoryError) {
    guard directory.hasDatabase else { throw .missing(path: directory.database) }
    database = try HistoryDatabase(path: directory.database, mode: .readOnly)
    try Schema.check(database)
    metrics = try database.columns(of: "samples").compactMap(Metric.init(rawValue:))
  }

  /// Returns the recorded run, its samples thinned like those of a snapshot.
  ///
  /// Costs a few thousand look-ups by key, however many steps the run has.
  ///
  /// - Parameter withSamples: whether to read the samples, some thousand of them.
  package func record(withSamples: Bool = true) throws(HistoryError) -> RunRecord {
    try database.run("BEGIN")
    defer { try? database.run("COMMIT") }
    let status = try lastStatus()
    var record = RunRecord(status: status)
    // The journal comes first, because appending a `back` removes samples.
    for entry in try journal().entries.suffix(RunRecord.listLimit) { record.append(entry) }
    record.set(status)
    if withSamples { try addSamples(to: &record) }
    for event in try events(limit: RunRecord.listLimit) { record.append(event) }
    for evaluation in try evaluations().suffix(RunRecord.listLimit) { record.append(evaluation) }
    record.set(try plan())
    return record
  }

  private func addSamples(to record: inout RunRecord) throws(HistoryError) {
    let last = try lastStep()
    let stride = RunRecord.stride(lastStep: last)
    try samples(in: 0...last, stride: stride) { record.append($0) }
    if (last - 1) % stride != 0 { try samples(in: last...last) { record.append($0) } }
  }

  /// Returns the last status that the daemon recorded.
  package func lastStatus() throws(HistoryError) -> RunStatus {
    guard let json = try state(.status) else { throw .empty(path: database.path) }
    return try database.decode(RunStatus.self, json)
  }

  /// Returns the step of the newest checkpoint that was written; `nil` if none was.
  package func lastCheckpoint() throws(HistoryError) -> Int? {
    try state(.checkpoint).flatMap { Int($0) }
  }

  /// Returns the last step that has a sample; 0 if none has.
  package func lastStep() throws(HistoryError) -> Int {
    try database.integer(
      "SELECT max(step) FROM samples WHERE step <= \(Sample.steps.upperBound)")
  }

  /// Returns the planned schedules, including live changes.
  package func plan() throws(HistoryError) -> [PlannedCurve] {
    guard try database.columns(of: "plans").isEmpty == false else { return [] }
    let statement = try database.prepare("SELECT metric, curve FROM plans")
    var curves: [Metric: PlannedCurve] = [:]
    while try statement.step() {
      // A later version may plan schedules that this one does not know.
      guard let metric = Metric(rawValue: statement.text(0)) else { continue }
      curves[metric] = try database.decode(PlannedCurve.self, statement.text(1))
    }
    return Metric.allCases.compactMap { curves[$0] }
  }

  private func state(_ key: StateKey) throws(HistoryError) -> String? {
    guard try database.columns(of: "state").isEmpty == false else { return nil }
    let statement = try database.prepare("SELECT value FROM state WHERE key = ?")
    statement.bind(key.rawValue, at: 0)
    return try statement.step() ? statement.text(0) : nil
  }

  /// Calls `body` with each sample whose step is in the range, in ascending order, without holding
  /// all of them in memory. With a `stride`, only samples whose `step - 1` is a multiple of it are
  /// read.
  package func samples(
    in steps: ClosedRange<Int>, stride: Int = 1, _ body: (Sample) -> Void
  ) throws(HistoryError) {
    let names = ["step", "time"] + metrics.map { "\"\($0.rawValue)\"" }
    let columns = names.joined(separator: ", ")
    let first = max(1, (steps.lowerBound + stride - 2) / stride * stride + 1)
    let statement = try database.prepare(
      stride == 1
        ? "SELECT \(columns) FROM samples WHERE step BETWEEN ?1 AND ?2 ORDER BY step"
        : """
        WITH RECURSIVE grid(at) AS (
          SELECT ?1 WHERE ?1 <= ?2 UNION ALL SELECT at + \(stride) FROM grid WHERE at + \(stride) <= ?2)
        SELECT \(columns) FROM grid CROSS JOIN samples ON step = at
        """)
    statement.bind(first, at: 0)
    statement.bind(steps.upperBound, at: 1)
    while try statement.step() {
      var values: [Metric: Double] = [:]
      values.reserveCapacity(metrics.count)
      for (index, metric) in metrics.enumerated() where !statement.isNull(index + 2) {
        values[metric] = statement.double(index + 2)
      }
      body(Sample(step: statement.integer(0), time: statement.double(1), values: values))
    }
  }

  /// Returns the last `limit` events, in the order in which they happened, not counting the
  /// `skipped` latest ones.
  package func events(limit: Int, skippingLast skipped: Int = 0) throws(HistoryError) -> [RunEvent]
  {
    let statement = try database.prepare(
      """
      SELECT time, step, level, kind, text FROM events WHERE \(Self.isPossible)
      ORDER BY id DESC LIMIT ?1 OFFSET ?2
      """)
    statement.bind(limit, at: 0)
    statement.bind(skipped, at: 1)
    var events: [RunEvent] = []
    while try statement.step() {
      events.append(
        RunEvent(
          time: statement.double(0), step: statement.integer(1),
          level: RunEvent.Level(rawValue: statement.text(2)) ?? .info, kind: statement.text(3),
          text: statement.text(4)))
    }
    return events.reversed()
  }

  /// Whether a row is of a step that a run can have. A damaged file may hold others; they are
  /// passed over.
  private static let isPossible = "step BETWEEN 0 AND \(Count.limits.upperBound)"

  /// Returns all probe results, by ascending step.
  package func evaluations() throws(HistoryError) -> [ProbeResult] {
    // Databases of older versions lack the column.
    let data = try database.columns(of: "evaluations").contains("data") ? "data" : "NULL"
    let statement = try database.prepare(
      """
      SELECT step, time, name, images, classes, "values", \(data) FROM evaluations
      WHERE \(Self.isPossible) ORDER BY step, name
      """)
    var evaluations: [ProbeResult] = []
    while try statement.step() {
      var values: [Metric: Double] = [:]
      for (name, value) in try database.decode([String: Double].self, statement.text(5)) {
        if let metric = Metric(rawValue: name) { values[metric] = value }
      }
      evaluations.append(
        ProbeResult(
          step: statement.integer(0), time: statement.double(1), name: statement.text(2),
          values: values, images: statement.integer(3), classes: statement.integer(4),
          data: statement.optional(6, statement.text)))
    }
    return evaluations
  }

  /// Returns all changes that were made, in the order in which they were requested.
  package func journal() throws(HistoryError) -> Journal {
    let statement = try database.prepare(
      "SELECT id, time, step, client, change, arguments, effect FROM journal ORDER BY rowid")
    var journal = Journal()
    while try statement.step() {
      let name = statement.text(4)
      guard let kind = ChangeKind.named(name) else {
        throw .damaged(path: database.path, detail: "unknown change \(name)")
      }
      let values = try database.decode(ChangeValues.self, statement.text(5))
      guard let change = try? kind.change(values) else {
        throw .damaged(path: database.path, detail: "unreadable \(name) in the journal")
      }
      let effect = try statement.optional(6, statement.text).map {
        text throws(HistoryError) in try database.decode(ChangeEffect.self, text)
      }
      guard Count.limits.contains(statement.integer(2)) else {
        throw .damaged(path: database.path, detail: "\(name) at an impossible step in the journal")
      }
      journal.append(
        JournalEntry(
          id: statement.text(0), time: statement.double(1), step: statement.integer(2),
          client: statement.text(3), change: change, effect: effect))
    }
    return journal
  }
}
