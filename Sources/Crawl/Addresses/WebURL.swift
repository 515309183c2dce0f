/// An address of the web in its one canonical spelling: scheme `http` or `https`, without a
/// fragment, percent-encoded and with dot segments removed as the URL standard of WHATWG says.
package struct WebURL: Sendable, Hashable, CustomStringConvertible {
  /// `http` or `https`.
  package let scheme: String
  /// A name in small letters with ASCII alone (RFC 5890), an IPv4 address, or an IPv6 address in
  /// brackets.
  package let host: String
  /// The port, also if it is the scheme's own.
  package let port: Int
  /// The path, which begins with a slash.
  package let path: String
  /// What stands behind the question mark; `nil` without one.
  package let query: String?

  /// The port that is meant where none is written.
  package static func defaultPort(of scheme: String) -> Int { scheme == "https" ? 443 : 80 }

  /// The scheme, the host and a port that is not the scheme's own, as in `https://example.org`.
  /// What is said in a robots.txt holds for one of these.
  package var origin: String {
    "\(scheme)://\(host)" + (port == Self.defaultPort(of: scheme) ? "" : ":\(port)")
  }

  /// The path and the query, as they are asked for.
  package var target: String { path + (query.map { "?" + $0 } ?? "") }

  /// The address as text. The same place has the same text.
  package var description: String { origin + target }

  /// The ending of the path's last part in small letters, without the dot; empty without one.
  package var ending: String {
    let name = path[(path.lastIndex(of: "/") ?? path.startIndex)...]
    guard let dot = name.lastIndex(of: ".") else { return "" }
    return name[name.index(after: dot)...].lowercased()
  }
}

/// Why a text is not an address that can be fetched.
package enum URLProblem: Error, Equatable, Sendable, CustomStringConvertible {
  case tooLong
  /// It is relative, and nothing says to what.
  case relative
  /// The scheme, which is not `http` or `https`.
  case scheme(String)
  /// It holds a user's name or a password.
  case credentials
  case host
  case port

  package var description: String {
    switch self {
    case .tooLong: "an address of more than \(WebURL.mostBytes) bytes"
    case .relative: "a relative address without a base"
    case .scheme(let name): "the scheme \(name), where http or https is needed"
    case .credentials: "an address with a user's name or password"
    case .host: "an address without a valid host"
    case .port: "an address without a valid port"
    }
  }
}
