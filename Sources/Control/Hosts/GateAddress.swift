import Support

/// The address of a gate: `tcp://HOST:PORT`. Commands go to `PORT`, and the feed comes from the port
/// after it.
package struct GateAddress: Sendable, Equatable, CustomStringConvertible {
  /// A name, a numeric address or, to listen on all of a machine's, `*`.
  package let host: String
  package let port: Int

  /// The port that is used if none is given.
  package static let defaultPort = 5640

  /// Reads an address. `tcp://` and the port may be left out. A numeric address of IPv6 stands in
  /// brackets. Returns `nil` if it is none.
  package init?(_ text: String) {
    let rest = text.hasPrefix("tcp://") ? String(text.dropFirst(6)) : text
    let colon = rest.lastIndex(of: ":").flatMap { index in
      rest[index...].contains("]") ? nil : index
    }
    let host = colon.map { String(rest[..<$0]) } ?? rest
    let port = colon.map { Int(rest[rest.index(after: $0)...]) } ?? Self.defaultPort
    let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
    guard let port, (1...65534).contains(port), !host.isEmpty,
      isBracketed || !host.contains(":"),
      host.utf8.allSatisfy({ $0 > 32 && $0 < 127 && $0 != UInt8(ascii: "/") })
    else { return nil }
    (self.host, self.port) = (host, port)
  }

  /// The endpoints of the two sockets.
  package var control: String { "tcp://\(host):\(port)" }
  package var feed: String { "tcp://\(host):\(port + 1)" }

  package var description: String { control }
}
