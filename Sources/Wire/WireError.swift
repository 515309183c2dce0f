/// What can go wrong between a viewer and a run, each as one line for its user.
package enum WireError: Error, Equatable, CustomStringConvertible {
  /// An endpoint that may not or cannot be used, and what to do about it.
  case endpoint(String, reason: String)
  /// No daemon answers there.
  case notRunning(endpoint: String)
  /// The daemon did not answer in time; `accepted`: it took the command, but has not yet carried
  /// it out (a step may take long).
  case timedOut(seconds: Double, accepted: Bool)
  /// A message that does not keep to the protocol.
  case malformed(String)
  /// ZeroMQ or the system refused.
  case system(String)

  package var description: String {
    switch self {
    case .endpoint(let endpoint, let reason): "\(endpoint): \(reason)"
    case .notRunning(let endpoint):
      "no daemon answers at \(endpoint); dino ls shows which runs are being trained"
    case .timedOut(let seconds, true):
      "accepted, but not carried out within \(seconds) s; it will be after the step that is "
        + "being computed"
    case .timedOut(let seconds, false): "the daemon did not answer within \(seconds) s"
    case .malformed(let detail): "not a message of protocol \(protocolVersion): \(detail)"
    case .system(let detail): detail
    }
  }
}
