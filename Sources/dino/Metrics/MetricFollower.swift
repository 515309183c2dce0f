import History
import Run
import Screen
import Support
import Wire

/// Prints what happens in a run until its daemon ends.
struct MetricFollower {
  let place: RunPlace
  let printer: MetricPrinter

  /// How long a daemon may take to end after the run has, in seconds.
  private static let patience = 30.0

  /// Prints the run so far and then what comes. Returns when the run has ended, or when nobody reads.
  func follow() throws {
    let client = try RunClient(
      endpoints: place.endpoints, client: ClientName.of("dino metrics"))
    defer { client.close() }
    // A run that has just begun may have no database yet.
    _ = try? printer.printHistory()
    var ending: Double?
    while printer.output.isOpen && isGoingOn(ending) {
      for event in try client.poll() {
        try take(event)
        if isEnd(event) { ending = ending ?? Clock.monotonic() + Self.patience }
      }
      printer.output.flush()
      if let ending, Clock.monotonic() > ending { break }
      printer.output.wait(for: client.fileDescriptor, milliseconds: ending == nil ? 1000 : 50)
    }
    try printer.printHistory()
  }

  /// Whether more may come: a daemon here ends after its run has; from another machine the run's state is
  /// all that is known.
  private func isGoingOn(_ ending: Double?) -> Bool {
    place.directory.map { RunLock.holder(of: $0) != nil } ?? (ending == nil)
  }

  private func take(_ event: ConnectionEvent) throws {
    switch event {
    // Messages that come meanwhile wait in the connection.
    case .connected(let snapshot): try printer.printHistory(upTo: snapshot)
    case .message(let message): printer.print(message)
    case .reply, .lost: break
    }
  }

  private func isEnd(_ event: ConnectionEvent) -> Bool {
    switch event {
    case .connected(let snapshot): !snapshot.status.state.isAlive
    case .message(.status(let status)): !status.state.isAlive
    default: false
    }
  }
}
