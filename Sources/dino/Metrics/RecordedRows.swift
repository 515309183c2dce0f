import CommandKit
import History
import Run
import Screen
import Support
import Wire

#if canImport(Glibc)
  import Glibc
#endif

/// Everything that a run has recorded, from its database: here, or through the gate of another machine.
struct RecordedRows {
  private let place: RunPlace
  private let client = ClientName.of("dino metrics")

  /// The steps that are read at a time.
  private static let batch = SnapshotScope.Rows.limit

  private static let attempts = 20

  init(_ place: RunPlace) { self.place = place }

  /// Calls `body` with the samples of every `stride`th step from one of those on, in their order, as long as
  /// it returns `true`. Returns the last step.
  func samples(
    from first: Int, stride: Int, _ body: (Sample) -> Bool
  ) throws -> Int {
    let end = try lastStep()
    var isWanted = true
    let span = Self.batch * stride
    for start in Swift.stride(from: first, through: end, by: span) where isWanted {
      let steps = start...min(start + span - 1, end)
      if let directory = place.directory {
        try HistoryReader(directory: directory).samples(in: steps, stride: stride) {
          isWanted = isWanted && body($0)
        }
      } else {
        let rows = SnapshotScope.Rows(
          first: steps.lowerBound, last: steps.upperBound, stride: stride)
        for sample in try snapshot(rows).samples { isWanted = isWanted && body(sample) }
      }
    }
    return end
  }

  /// The results of all probes. From another machine, the last 1,000.
  func evaluations() throws -> [ProbeResult] {
    guard let directory = place.directory else { return try snapshot().evaluations }
    return try HistoryReader(directory: directory).evaluations()
  }

  /// Everything that happened. From another machine, the last 1,000 events.
  func events() throws -> [RunEvent] {
    guard let directory = place.directory else { return try snapshot().events }
    return try HistoryReader(directory: directory).events(limit: .max)
  }

  func lastStep() throws -> Int {
    guard let directory = place.directory else { return try snapshot().status.step }
    return try HistoryReader(directory: directory).lastStep()
  }

  /// Returns what a gate says of the run, with the samples of certain steps, or of the first alone.
  private func snapshot(
    _ rows: SnapshotScope.Rows = SnapshotScope.Rows(first: 1, last: 1)
  ) throws -> Snapshot {
    var reason: String?
    // A gate lets nobody ask for much without a pause.
    for _ in 0..<Self.attempts {
      let reply = try RunClient.request(
        .snapshot, at: place.endpoints, client: client, rows: rows, timeout: 30)
      if let snapshot = reply?.snapshot { return snapshot }
      reason = reply?.reason
      guard reason?.hasPrefix("too many requests") == true else { break }
      usleep(500_000)
    }
    throw Failure("\(place.label): \(reason ?? "the gate does not answer")")
  }
}
