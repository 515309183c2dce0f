/// The body of a recorded response.
enum HTTPBody {
  /// Returns the body as its author wrote it: at most `limit` bytes, without chunks (RFC 9112, 7.1) and
  /// compression; `nil` if it is compressed in a way that is not read. Archives often say of a body
  /// that it is coded when they keep it decoded, so what is not coded as it says is taken as it is.
  static func decoded(
    _ body: ArraySlice<UInt8>, _ header: HTTPHeader, limit: Int
  ) -> [UInt8]? {
    let codings = header.all("transfer-encoding") + header.all("content-encoding")
    var plain = body
    if codings.contains(where: { $0.lowercased().contains("chunked") }) { plain = unchunked(body) }
    // The words after `chunked`, if any, in the order in which they were applied.
    let words = header.all("content-encoding").flatMap { $0.lowercased().split(separator: ",") }
      .map { $0.filter { $0 != " " } }.filter { !["identity", ""].contains($0) }
    guard words.count <= 1 else { return nil }
    switch words.first {
    case nil: return Array(plain.prefix(limit))
    case "gzip", "x-gzip":
      return plain.starts(with: [0x1F, 0x8B])
        ? Inflater.whole(plain, bits: 31, limit: limit) : Array(plain.prefix(limit))
    case "deflate":
      // Some servers send zlib's format, as they should, and others bare deflate.
      let wrapped = Inflater.whole(plain, bits: 15, limit: limit)
      if !wrapped.isEmpty { return wrapped }
      let bare = Inflater.whole(plain, bits: -15, limit: limit)
      return bare.isEmpty ? Array(plain.prefix(limit)) : bare
    // A page that begins like one was kept decoded.
    default:
      return plain.first(where: { !ASCII.isSpace($0) }) == UInt8(ascii: "<")
        ? Array(plain.prefix(limit)) : nil
    }
  }

  /// Returns the contents of chunks, up to where they end or are damaged; the bytes as they are if
  /// the first is none.
  static func unchunked(_ body: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var result: [UInt8] = []
    var place = body.startIndex
    while let (size, start) = chunk(body, at: place) {
      let end = min(start + size, body.endIndex)
      result += body[start..<end]
      if size == 0 || end == body.endIndex { return result[...] }
      place = end
      if body[place] == UInt8(ascii: "\r") { place += 1 }
      if place < body.endIndex, body[place] == UInt8(ascii: "\n") { place += 1 }
    }
    return place == body.startIndex ? body : result[...]
  }

  /// The size of the chunk at a place, and where its contents begin; `nil` if there is none.
  private static func chunk(_ body: ArraySlice<UInt8>, at place: Int) -> (size: Int, start: Int)? {
    var size = 0
    var next = place
    while next < body.endIndex, next - place < 15, let digit = ASCII.hex(body[next]) {
      size = size << 4 | Int(digit)
      next += 1
    }
    guard next > place, let end = body[next...].prefix(4096).firstIndex(of: UInt8(ascii: "\n")),
      body[next..<end].first.map({ ASCII.isSpace($0) || $0 == UInt8(ascii: ";") }) ?? true
    else { return nil }
    return (size, end + 1)
  }
}
