/// The header of an HTTP response, or of a record of a web archive: fields with names.
package struct HTTPHeader: Sendable, Equatable {
  /// The most bytes of a header.
  static let mostBytes = 256 << 10

  /// The first line, such as `HTTP/1.1 200 OK`.
  package private(set) var start = ""
  private var fields: [(name: String, value: String)] = []

  init() {}

  /// Parses a header without its last, empty line. Lines that are no fields are passed over.
  package init(_ bytes: some Collection<UInt8>) {
    let lines = bytes.split(separator: UInt8(ascii: "\n"))
    guard let first = lines.first else { return }
    start = Self.text(first)
    for line in lines.dropFirst() { add(Self.text(line)) }
  }

  package static func == (header: HTTPHeader, other: HTTPHeader) -> Bool {
    header.start == other.start && header.fields.elementsEqual(other.fields, by: ==)
  }

  /// The text of a line without white space at its ends. Bytes beyond ASCII may be of any encoding.
  private static func text(_ line: some Collection<UInt8>) -> String {
    let bytes = Array(line)
    guard let first = bytes.firstIndex(where: { !ASCII.isSpace($0) }),
      let last = bytes.lastIndex(where: { !ASCII.isSpace($0) })
    else { return "" }
    return String(decoding: bytes[first...last], as: UTF8.self)
  }

  /// Takes in one line of a header. A line that says the status begins the header anew, since what
  /// came before it was that of an intermediate response.
  mutating func take(_ line: UnsafeBufferPointer<UInt8>) {
    let text = Self.text(line)
    if text.hasPrefix("HTTP/") {
      start = text
      fields = []
    } else {
      add(text)
    }
  }

  private mutating func add(_ line: String) {
    guard let colon = line.utf8.firstIndex(of: UInt8(ascii: ":")) else { return }
    let value = line[line.utf8.index(after: colon)...]
    fields.append((line[..<colon].lowercased(), Self.text(value.utf8)))
  }

  /// Returns the value of the first field with a name in small letters.
  package subscript(_ name: String) -> String? { fields.first { $0.name == name }?.value }

  /// Returns the values of all fields with a name in small letters.
  func all(_ name: String) -> [String] { fields.filter { $0.name == name }.map(\.value) }

  /// The status of a response; 0 if the first line says none.
  package var status: Int {
    let words = start.split(separator: " ", maxSplits: 2)
    guard words.count > 1, words[0].hasPrefix("HTTP/") else { return 0 }
    return Int(words[1]) ?? 0
  }

  /// The length that a response says it has; `nil` if it says none, or no number.
  var length: Int? { self["content-length"].flatMap(Int.init).flatMap { $0 < 0 ? nil : $0 } }

  /// The type of the contents in small letters without parameters, such as `text/html`.
  package var type: String {
    let value = self["content-type"] ?? ""
    return Self.text(value.utf8.prefix { $0 != UInt8(ascii: ";") }).lowercased()
  }

  /// The encoding of the text, if the type says one.
  var charset: String? {
    guard let value = self["content-type"]?.lowercased(),
      let name = value.split(separator: ";").dropFirst().map({ Self.text($0.utf8) })
        .first(where: { $0.hasPrefix("charset=") })
    else { return nil }
    return name.dropFirst(8).filter { $0 != "\"" && $0 != "'" }
  }
}
