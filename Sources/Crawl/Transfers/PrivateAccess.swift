/// Which addresses are reached that are not of the public Internet. Only tests reach any.
package enum PrivateAccess: Sendable, Equatable {
  /// None, whatever a name or a redirect says.
  case none
  /// Hosts of these domains, and below them, are at a port of 127.0.0.1. Only these ports are reached.
  case testWeb([String: UInt16])
  /// All.
  case all

  /// The port of 127.0.0.1 at which a host is; `nil` if it is where its name says.
  func port(of host: String) -> UInt16? {
    guard case .testWeb(let ports) = self else { return nil }
    var rest = host[...]
    while ports[String(rest)] == nil {
      guard let dot = rest.firstIndex(of: ".") else { return nil }
      rest = rest[rest.index(after: dot)...]
    }
    return ports[String(rest)]
  }
}
