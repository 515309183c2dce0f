import Run
import Support
import Wire

/// Prints the rows of a table, each once, from a run's database, from a snapshot and from the feed.
///
/// The database has every step, but the newest come to it a moment late. A snapshot has the newest, but
/// of a long run not every step before. So the database is read until it has reached the snapshot.
final class MetricPrinter {
  let output = LineWriter()
  private let rows: RecordedRows
  private let table: MetricTable
  private let format: RowFormat
  private let columns: [String]
  /// The first step, and the distance between steps.
  private let first: Int
  private let stride: Int
  /// The last sample that was printed. Measured again after a run went back, a step has a later time.
  private var last = (step: 0, time: -Double.infinity)
  /// The other rows that were printed.
  private var printed: Set<String> = []

  /// How long the database may stay behind the daemon, in seconds. It is a second in a run of fast steps.
  private static let patience = 3.0

  init(
    _ rows: RecordedRows, _ table: MetricTable, _ format: RowFormat, from first: Int,
    every stride: Int
  ) {
    self.rows = rows
    self.table = table
    self.format = format
    self.first = first
    self.stride = stride
    columns = table.columns
    if let header = format.header(columns) { output.write(header) }
  }

  func print(_ sample: Sample) {
    guard table.kind == .samples, sample.step >= first, (sample.step - 1) % stride == 0,
      sample.step > last.step || sample.time > last.time
    else { return }
    last = (sample.step, sample.time)
    output.write(format.line(table.row(sample), columns))
  }

  private func print(_ result: ProbeResult) {
    if table.kind == .evaluations && result.step >= first { printOnce(table.row(result)) }
  }

  private func print(_ event: RunEvent) {
    if table.kind == .events && event.step >= first { printOnce(table.row(event)) }
  }

  private func printOnce(_ row: MetricTable.Row) {
    let line = format.line(row, columns)
    if printed.insert(line).inserted { output.write(line) }
  }

  /// Prints what a message of the feed adds.
  func print(_ message: FeedMessage) {
    switch message {
    case .step(let sample): print(sample)
    case .eval(let result): print(result)
    case .event(let event): print(event)
    default: break
    }
  }

  /// Prints what a snapshot adds to the database.
  func print(_ snapshot: Snapshot) {
    for sample in snapshot.samples { print(sample) }
    for result in snapshot.evaluations { print(result) }
    for event in snapshot.events { print(event) }
  }

  /// Prints what the database adds, from a step on. Returns its last step.
  @discardableResult
  func printHistory(from step: Int = 1) throws -> Int {
    let end: Int
    switch table.kind {
    case .samples:
      // The steps that are printed are those after a multiple of the stride.
      let from = max(step, first, 1)
      let start = from + (stride - (from - 1) % stride) % stride
      end = try rows.samples(from: start, stride: stride) {
        print($0)
        return output.isOpen
      }
    case .evaluations:
      end = try rows.lastStep()
      for result in try rows.evaluations() { print(result) }
    case .events:
      end = try rows.lastStep()
      for event in try rows.events() { print(event) }
    }
    output.flush()
    return end
  }

  /// Prints what the database has, as soon as it has all that a snapshot does, and then what only the
  /// snapshot has.
  func printHistory(upTo snapshot: Snapshot) throws {
    let deadline = Clock.monotonic() + Self.patience
    let newest = snapshot.samples.last?.step ?? 0
    // After a going back, any step may have been measured again.
    var reached = (try? printHistory()) ?? 0
    while reached < newest && output.isOpen && Clock.monotonic() < deadline {
      output.wait(for: -1, milliseconds: 50)
      reached = (try? printHistory(from: last.step + 1)) ?? 0
    }
    print(snapshot)
    output.flush()
  }
}
