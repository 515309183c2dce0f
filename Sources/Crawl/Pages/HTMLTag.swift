/// A tag of a page: its name, and those of its attributes that were asked for.
struct HTMLTag {
  /// The name in small letters.
  let name: String
  let isEnd: Bool
  /// Values by names in small letters; of an attribute that is there twice, the first.
  let attributes: [String: String]
}

/// Finds the tags of a page, as html.spec.whatwg.org (13.2.5) tells them from comments, text and the
/// contents of elements that hold no tags. Takes time in proportion to the page's length, whatever it
/// holds, and builds no tree.
struct HTMLTokeniser {
  /// Elements whose contents hold no tags, up to their end tag.
  private static let raw: Set<String> = [
    "script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes",
  ]
  /// The longest name that is told from others.
  private static let longestName = 32

  private let bytes: [UInt8]
  private let wanted: [String: Set<String>]
  private var place = 0

  /// - Parameters:
  ///   - bytes: The page in UTF-8.
  ///   - wanted: Names of elements, and which of their attributes are wanted. Tags of other elements
  ///     are passed over.
  init(_ bytes: [UInt8], wanted: [String: Set<String>]) {
    self.bytes = bytes
    self.wanted = wanted
  }

  /// Returns the next tag that is wanted; `nil` at the end.
  mutating func next() -> HTMLTag? {
    while let open = bytes[place...].firstIndex(of: UInt8(ascii: "<")) {
      place = open + 1
      guard let byte else { return nil }
      switch byte {
      case UInt8(ascii: "!"): skipDeclaration()
      case UInt8(ascii: "?"): skip(past: UInt8(ascii: ">"))
      case UInt8(ascii: "/"):
        place += 1
        guard let first = self.byte else { return nil }
        guard ASCII.isLetter(first) else {
          skip(past: UInt8(ascii: ">"))
          continue
        }
        if let tag = tag(isEnd: true) { return tag }
      case _ where ASCII.isLetter(byte): if let tag = tag(isEnd: false) { return tag }
      default: continue
      }
    }
    place = bytes.count
    return nil
  }

  /// The next byte; `nil` at the end.
  private var byte: UInt8? { place < bytes.count ? bytes[place] : nil }

  private mutating func skip(past end: UInt8) {
    place = bytes[place...].firstIndex(of: end).map { $0 + 1 } ?? bytes.count
  }

  /// Passes over what begins with `<!`: a comment ends with `-->` or `--!>`, everything else with `>`.
  private mutating func skipDeclaration() {
    place += 1
    guard bytes[place...].starts(with: "--".utf8) else { return skip(past: UInt8(ascii: ">")) }
    let start = place
    // The first dashes may end it too: `<!-->` and `<!--->`.
    while place < bytes.count {
      skip(past: UInt8(ascii: ">"))
      guard bytes[place - 1] == UInt8(ascii: ">") else { return place = bytes.count }
      let inside = bytes[start..<(place - 1)]
      if inside.suffix(2).elementsEqual("--".utf8) { return }
      if inside.suffix(3).elementsEqual("--!".utf8), inside.count >= 5 { return }
    }
  }

  /// Takes a tag from its name on; `nil` if it is not wanted, or not closed.
  private mutating func tag(isEnd: Bool) -> HTMLTag? {
    let name = word(endingAtEquals: false)
    let attributes = wanted[name]
    var values: [String: String] = [:]
    while let byte {
      if byte == UInt8(ascii: ">") {
        place += 1
        if !isEnd && Self.raw.contains(name) { skipRaw(name) }
        if !isEnd && name == "plaintext" { place = bytes.count }
        return attributes.map { _ in HTMLTag(name: name, isEnd: isEnd, attributes: values) }
      }
      if ASCII.isSpace(byte) || byte == UInt8(ascii: "/") {
        place += 1
      } else {
        attribute(attributes ?? [], &values)
      }
    }
    return nil
  }

  /// Takes a name; a long one is cut, and so differs from all that are wanted.
  private mutating func word(endingAtEquals: Bool) -> String {
    let start = place
    while let byte, !ASCII.isSpace(byte), byte != UInt8(ascii: "/"), byte != UInt8(ascii: ">") {
      // An equals sign at the beginning belongs to the name.
      if endingAtEquals && byte == UInt8(ascii: "=") && place > start { break }
      place += 1
    }
    let letters = bytes[start..<min(place, start + Self.longestName)].map(ASCII.lowered)
    return String(decoding: letters, as: UTF8.self)
  }

  private mutating func attribute(_ wanted: Set<String>, _ values: inout [String: String]) {
    let name = word(endingAtEquals: true)
    skipSpaces()
    guard byte == UInt8(ascii: "=") else {
      if wanted.contains(name) && values[name] == nil { values[name] = "" }
      return
    }
    place += 1
    skipSpaces()
    let value = value()
    if wanted.contains(name) && values[name] == nil { values[name] = HTMLEntities.decoded(value) }
  }

  private mutating func skipSpaces() {
    while let byte, ASCII.isSpace(byte) { place += 1 }
  }

  private mutating func value() -> ArraySlice<UInt8> {
    if let quote = byte, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") {
      let start = place + 1
      place = start
      skip(past: quote)
      let isClosed = place > start && bytes[place - 1] == quote
      return bytes[start..<(isClosed ? place - 1 : place)]
    }
    let start = place
    while let byte, !ASCII.isSpace(byte), byte != UInt8(ascii: ">") { place += 1 }
    return bytes[start..<place]
  }

  /// Passes over contents without tags, up to the end tag of their element.
  private mutating func skipRaw(_ name: String) {
    let name = Array(name.utf8)
    while let open = bytes[place...].firstIndex(of: UInt8(ascii: "<")) {
      place = open + 1
      let end = place + 1 + name.count
      guard end < bytes.count, bytes[place] == UInt8(ascii: "/"),
        bytes[(place + 1)..<end].lazy.map(ASCII.lowered).elementsEqual(name),
        ASCII.isSpace(bytes[end]) || bytes[end] == UInt8(ascii: "/")
          || bytes[end] == UInt8(ascii: ">")
      else { continue }
      place = open
      return
    }
    place = bytes.count
  }
}
