/// An error between a viewer and a run. Each is one line for the user.
package enum WireError: Error, Equatable, CustomStringConvertible {
  /// An endpoint that cannot be used, and what to do about it.
  case endpoint(String, reason: String)
  /// No daemon answers at the endpoint.
  case notRunning(endpoint: String)
  /// No gate answers at the endpoint.
  case noGate(endpoint: String)
  /// The gate at the endpoint does not let this machine's public key in.
  case refused(endpoint: String, key: String)
  /// The gate at the endpoint has another key than expected, or it is no gate.
  case otherKey(endpoint: String)
  /// A question that was not answered, and why.
  case rejected(String)
  /// The daemon did not reply in time. If `accepted`, it accepted the command but has not carried
  /// it out yet, as a step may take long.
  case timedOut(seconds: Double, accepted: Bool)
  /// A message that violates the protocol.
  case malformed(String)
  /// A failed call of ZeroMQ or the system.
  case system(String)

  package var description: String {
    switch self {
    case .endpoint(let endpoint, let reason): "\(endpoint): \(reason)"
    case .notRunning(let endpoint):
      "no daemon answers at \(endpoint); dino ls shows which runs are being trained"
    case .noGate(let endpoint):
      "nothing answers at \(endpoint); is dino serve running there, and the port open?"
    case .refused(let endpoint, let key):
      "\(endpoint) does not let this machine in; there, run: dino keys grant NAME ROLE \(key)"
    case .otherKey(let endpoint):
      "\(endpoint) has another key than dino hosts says, or is no gate; there, dino keys shows it"
    case .rejected(let reason): reason
    case .timedOut(let seconds, true):
      "accepted, but not applied within \(seconds) s; it will be after the current step"
    case .timedOut(let seconds, false): "the daemon did not answer within \(seconds) s"
    case .malformed(let detail): "not a message of protocol \(protocolVersion): \(detail)"
    case .system(let detail): detail
    }
  }
}

extension WireError {
  /// What a list calls a host that gave this error instead of its runs.
  package var hostState: String {
    switch self {
    case .refused: "refused"
    case .otherKey: "other key"
    case .rejected: "rejected"
    default: "silent"
    }
  }
}
