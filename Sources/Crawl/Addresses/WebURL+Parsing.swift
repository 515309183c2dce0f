/// Parsing of addresses (RFC 3986; url.spec.whatwg.org, for the schemes `http` and `https`).
extension WebURL {
  /// The most bytes that an address may have, as it is written.
  package static let mostBytes = 8192

  /// Parses an address, which may be relative to `base`. Takes time in proportion to its length.
  /// The fragment is dropped.
  package init(_ text: String, base: WebURL? = nil) throws(URLProblem) {
    guard text.utf8.count <= Self.mostBytes else { throw .tooLong }
    let bytes = Self.trimmed(Array(text.utf8))
    var rest = bytes.prefix { $0 != UInt8(ascii: "#") }
    var scheme = base?.scheme
    if let end = Self.schemeEnd(rest) {
      let name = String(decoding: rest[..<end], as: UTF8.self).lowercased()
      guard name == "http" || name == "https" else {
        throw .scheme(String(name.prefix(32)))
      }
      rest = rest[(end + 1)...]
      // `http:name` is relative if the base has the same scheme.
      if name != base?.scheme || Self.slashes(rest) >= 2 {
        self = try Self.absolute(name, rest.drop(while: Self.isSlash))
        return
      }
      scheme = name
    }
    guard let base, let scheme else { throw .relative }
    if Self.slashes(rest) >= 2 {
      self = try Self.absolute(scheme, rest.drop(while: Self.isSlash))
    } else {
      self = Self.relative(rest, to: base)
    }
  }

  /// Removes white space and control characters at the ends, and tabs and line breaks anywhere.
  private static func trimmed(_ bytes: [UInt8]) -> [UInt8] {
    guard let first = bytes.firstIndex(where: { $0 > 0x20 }),
      let last = bytes.lastIndex(where: { $0 > 0x20 })
    else { return [] }
    return bytes[first...last].filter { $0 != 0x09 && $0 != 0x0A && $0 != 0x0D }
  }

  /// The place of the colon behind a scheme; `nil` without a scheme.
  private static func schemeEnd(_ bytes: ArraySlice<UInt8>) -> Int? {
    guard let first = bytes.first, ASCII.isLetter(first) else { return nil }
    let end = bytes.firstIndex { !ASCII.isLetterOrDigit($0) && !"+-.".utf8.contains($0) }
    return end.flatMap { bytes[$0] == UInt8(ascii: ":") ? $0 : nil }
  }

  private static func isSlash(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "/") || byte == UInt8(ascii: "\\")
  }

  /// How many slashes the bytes begin with; two stand for any more.
  private static func slashes(_ bytes: ArraySlice<UInt8>) -> Int {
    bytes.prefix(2).prefix(while: isSlash).count
  }

  /// Parses what follows the slashes behind a scheme.
  private static func absolute(
    _ scheme: String, _ rest: ArraySlice<UInt8>
  ) throws(URLProblem) -> WebURL {
    let authority = rest.prefix { !isSlash($0) && $0 != UInt8(ascii: "?") }
    guard !authority.contains(UInt8(ascii: "@")) else { throw .credentials }
    let (host, port) = try split(authority, scheme)
    let (path, query) = split(rest[authority.endIndex...])
    return WebURL(
      scheme: scheme, host: host, port: port, path: joined(segments(path, after: [])), query: query)
  }

  /// Takes a host and a port apart.
  private static func split(
    _ authority: ArraySlice<UInt8>, _ scheme: String
  ) throws(URLProblem) -> (host: String, port: Int) {
    // Colons within brackets belong to an IPv6 address.
    let inside = authority.lastIndex(of: UInt8(ascii: "]")) ?? authority.startIndex
    let colon = authority[inside...].firstIndex(of: UInt8(ascii: ":"))
    guard let host = HostName.canonical(authority[..<(colon ?? authority.endIndex)]) else {
      throw .host
    }
    guard let colon, colon + 1 < authority.endIndex else { return (host, defaultPort(of: scheme)) }
    var port = 0
    for byte in authority[(colon + 1)...] {
      guard ASCII.isDigit(byte), port < 65536 else { throw .port }
      port = 10 * port + Int(byte - UInt8(ascii: "0"))
    }
    guard port < 65536 else { throw .port }
    return (host, port)
  }

  /// Takes path and query apart; the query is encoded.
  private static func split(
    _ bytes: ArraySlice<UInt8>
  ) -> (path: ArraySlice<UInt8>, query: String?) {
    let path = bytes.prefix { $0 != UInt8(ascii: "?") }
    guard path.endIndex < bytes.endIndex else { return (path, nil) }
    return (path, PercentEncoding.query(bytes[(path.endIndex + 1)...]))
  }

  private static func relative(_ rest: ArraySlice<UInt8>, to base: WebURL) -> WebURL {
    let (path, query) = split(rest)
    let whole: String
    if path.isEmpty {
      whole = base.path
    } else if isSlash(path.first!) {
      whole = joined(segments(path, after: []))
    } else {
      let before = base.path.utf8.dropFirst().split(
        separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
      whole = joined(segments(path, after: before.dropLast().map { String($0)! }))
    }
    return WebURL(
      scheme: base.scheme, host: base.host, port: base.port, path: whole,
      query: path.isEmpty ? query ?? base.query : query)
  }

  /// The segments of a path behind those of its folder, encoded and without `.` and `..`
  /// (RFC 3986, 5.2.4).
  private static func segments(_ path: ArraySlice<UInt8>, after folder: [String]) -> [String] {
    var segments = folder
    let inner = path.first.map(isSlash) == true ? path.dropFirst() : path
    let parts = inner.split(omittingEmptySubsequences: false, whereSeparator: isSlash)
    for (number, part) in parts.enumerated() {
      let isLast = number == parts.count - 1
      switch PercentEncoding.dots(part) {
      case 2:
        if !segments.isEmpty { segments.removeLast() }
        if isLast { segments.append("") }
      case 1: if isLast { segments.append("") }
      default: segments.append(PercentEncoding.path(part))
      }
    }
    return segments
  }

  private static func joined(_ segments: [String]) -> String {
    "/" + segments.joined(separator: "/")
  }
}
