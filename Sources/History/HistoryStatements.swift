import SQL
import Run

/// A row of telemetry.
enum HistoryRow {
  case sample(Sample)
  case event(RunEvent)
  /// With the neighbours that the next probe compares, if they were measured.
  case result(ProbeResult, neighbours: [UInt8]?)
  /// Pictures of images with a fingerprint.
  case pictures([ProbePicture], data: String?)
  case plan([PlannedCurve])
  case checkpoint(Int)
}

extension HistoryRow {
  /// The bytes that a row has besides a few numbers and words.
  var blobBytes: Int {
    switch self {
    case .result(_, let neighbours?): neighbours.count
    case .pictures(let pictures, _): pictures.reduce(0) { $0 + $1.pixels.count + 100 }
    default: 0
    }
  }
}

/// The statements that write a run's rows. None begins or ends a transaction.
final class HistoryStatements {
  private let database: HistoryDatabase
  private let sample: Statement<HistoryError>
  private let event: Statement<HistoryError>
  private let result: Statement<HistoryError>
  private let picture: Statement<HistoryError>
  private let entry: Statement<HistoryError>
  private let state: Statement<HistoryError>
  private let plan: Statement<HistoryError>
  /// The last step that has a sample.
  var lastStep: Int

  /// Prepares the statements. The tables must exist.
  init(_ database: HistoryDatabase) throws(HistoryError) {
    self.database = database
    let metrics = Metric.allCases.map { "\"\($0.rawValue)\"" }
    let marks = Array(repeating: "?", count: metrics.count + 2).joined(separator: ", ")
    sample = try database.prepare(
      "INSERT OR REPLACE INTO samples(step, time, \(metrics.joined(separator: ", "))) "
        + "VALUES(\(marks))")
    event = try database.prepare(
      "INSERT INTO events(time, step, level, kind, text) VALUES(?, ?, ?, ?, ?)")
    result = try database.prepare(
      "INSERT OR REPLACE INTO evaluations(step, name, time, images, classes, \"values\", "
        + "data, neighbours) VALUES(?, ?, ?, ?, ?, ?, ?, ?)")
    picture = try database.prepare(
      "INSERT OR REPLACE INTO pictures(step, number, kind, width, height, pixels, data) "
        + "VALUES(?, ?, ?, ?, ?, ?, ?)")
    entry = try database.prepare(
      "INSERT OR IGNORE INTO journal(id, time, step, client, change, arguments, effect) "
        + "VALUES(?, ?, ?, ?, ?, ?, ?)")
    plan = try database.prepare("INSERT OR REPLACE INTO plans(metric, curve) VALUES(?, ?)")
    state = try database.prepare("INSERT OR REPLACE INTO state(key, value) VALUES(?, ?)")
    lastStep = try database.integer("SELECT max(step) FROM samples")
  }

  func insert(_ row: HistoryRow) throws(HistoryError) {
    switch row {
    case .sample(let sample): try insert(sample)
    case .event(let event): try insert(event)
    case .result(let result, let neighbours): try insert(result, neighbours)
    case .pictures(let pictures, let data):
      for picture in pictures { try insert(picture, data) }
      for kind in Set(pictures.map(\.kind)) where kind.isLastOnly {
        let last = pictures.filter { $0.kind == kind }.map(\.step).max() ?? 0
        try database.run("DELETE FROM pictures WHERE kind = '\(kind.rawValue)' AND step < \(last)")
      }
    case .checkpoint(let step): try put(.checkpoint, "\(step)")
    case .plan(let curves): for curve in curves { try insert(curve) }
    }
  }

  private func insert(_ row: Sample) throws(HistoryError) {
    if row.step <= lastStep {
      try database.run(
        """
        DELETE FROM samples WHERE step >= \(row.step);
        DELETE FROM evaluations WHERE step >= \(row.step);
        DELETE FROM pictures WHERE step >= \(row.step);
        """)
    }
    sample.bind(row.step, at: 0)
    sample.bind(row.time, at: 1)
    for (index, metric) in Metric.allCases.enumerated() {
      sample.bind(row[metric], at: index + 2)
    }
    try sample.run()
    lastStep = row.step
  }

  private func insert(_ row: RunEvent) throws(HistoryError) {
    event.bind(row.time, at: 0)
    event.bind(row.step, at: 1)
    event.bind(row.level.rawValue, at: 2)
    event.bind(row.kind, at: 3)
    event.bind(row.text, at: 4)
    try event.run()
  }

  private func insert(_ row: ProbeResult, _ neighbours: [UInt8]?) throws(HistoryError) {
    let values = row.values.map { ($0.key.rawValue, $0.value) }
    result.bind(row.step, at: 0)
    result.bind(row.name, at: 1)
    result.bind(row.time, at: 2)
    result.bind(row.images, at: 3)
    result.bind(row.classes, at: 4)
    result.bind(HistoryDatabase.json(Dictionary(uniqueKeysWithValues: values)), at: 5)
    result.bind(row.data, at: 6)
    result.bind(neighbours, at: 7)
    try result.run()
  }

  private func insert(_ row: ProbePicture, _ data: String?) throws(HistoryError) {
    picture.bind(row.step, at: 0)
    picture.bind(row.number, at: 1)
    picture.bind(row.kind.rawValue, at: 2)
    picture.bind(row.width, at: 3)
    picture.bind(row.height, at: 4)
    picture.bind(row.pixels, at: 5)
    picture.bind(data, at: 6)
    try picture.run()
  }

  private func insert(_ row: PlannedCurve) throws(HistoryError) {
    plan.bind(row.metric.rawValue, at: 0)
    plan.bind(HistoryDatabase.json(row), at: 1)
    try plan.run()
  }

  /// Inserts an entry of the journal, unless there is one with the same id.
  func insert(_ row: JournalEntry) throws(HistoryError) {
    entry.bind(row.id, at: 0)
    entry.bind(row.time, at: 1)
    entry.bind(row.step, at: 2)
    entry.bind(row.client, at: 3)
    entry.bind(row.change.kind.name, at: 4)
    entry.bind(HistoryDatabase.json(row.change.arguments), at: 5)
    entry.bind(row.effect.map { HistoryDatabase.json($0) }, at: 6)
    try entry.run()
  }

  /// Sets a value of the `state` table.
  func put(_ key: StateKey, _ json: String) throws(HistoryError) {
    state.bind(key.rawValue, at: 0)
    state.bind(json, at: 1)
    try state.run()
  }
}
