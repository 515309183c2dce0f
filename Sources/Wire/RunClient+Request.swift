import CZeroMQ
import FoundationEssentials
import Run
import Support

extension RunClient {
  /// Sends one command and waits until it is carried out, as shell commands need it. It does not
  /// fetch a snapshot. Returns the final reply (`ok`, `applied` or `rejected`); `nil` if the
  /// daemon ended before it replied.
  ///
  /// - Parameters:
  ///   - id: The command's id. A change with one that the daemon knows is not made again.
  ///   - rows: The samples that a snapshot is to have; see `SnapshotScope.rows`.
  ///   - timeout: The seconds within which the daemon must accept the command.
  ///   - patience: The seconds within which it must then carry it out; `nil` for no limit.
  ///   - isAlive: Returns whether the daemon is still there. Called a few times a second.
  package static func request(
    _ request: Command.Request, at endpoints: RunEndpoints, client: String,
    id: String = UUID().uuidString, rows: SnapshotScope.Rows? = nil, timeout: Double = 5,
    patience: Double? = 5, isAlive: () -> Bool = { true }
  ) throws(WireError) -> Reply? {
    if let path = RunEndpoints.path(endpoints.control), !FileSystem.exists(path) {
      throw .notRunning(endpoint: endpoints.control)
    }
    let inquiry = try Inquiry(request, at: endpoints, client: client, id: id, rows: rows)
    defer { inquiry.close() }
    let start = Clock.monotonic()
    var deadline = start + timeout
    while true {
      let wasAccepted = inquiry.isAccepted
      if let reply = try inquiry.poll() { return reply }
      if !wasAccepted && inquiry.isAccepted {
        deadline = patience.map { Clock.monotonic() + $0 } ?? .infinity
      }
      let left = deadline - Clock.monotonic()
      guard left > 0 else {
        guard inquiry.isSent else { throw inquiry.trouble }
        let seconds = inquiry.isAccepted ? patience ?? timeout : timeout
        throw .timedOut(seconds: seconds, accepted: inquiry.isAccepted)
      }
      if inquiry.wait(seconds: min(left, 0.25)) || isAlive() { continue }
      // The daemon may have replied just before it ended.
      guard inquiry.wait(seconds: 0.1) else { return nil }
    }
  }
}
