/// Reads the records of a CSV text (RFC 4180) one after the other. Fields need not be UTF-8; see
/// `ByteText`.
package struct CSVScanner {
  private let bytes: [UInt8]
  private var offset = 0
  private var line = 1

  /// Begins at the first record of a text. A byte order mark, with which some spreadsheets begin a
  /// file, is passed over.
  package init(_ bytes: [UInt8]) {
    self.bytes = bytes
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { offset = 3 }
  }

  /// Returns the next record and the line in which it begins, from 1; `nil` at the end.
  package mutating func next() throws(CSVError) -> (fields: [String], line: Int)? {
    guard offset < bytes.count else { return nil }
    let start = line
    var fields: [String] = []
    while true {
      fields.append(try field())
      guard byte == UInt8(ascii: ",") else { break }
      offset += 1
    }
    if byte == UInt8(ascii: "\r") { offset += 1 }
    if let byte {
      guard byte == UInt8(ascii: "\n") else {
        throw CSVError(line: line, what: "text after a closing quote")
      }
      offset += 1
      line += 1
    }
    return (fields, start)
  }

  /// The next byte; `nil` at the end.
  private var byte: UInt8? { offset < bytes.count ? bytes[offset] : nil }

  private mutating func field() throws(CSVError) -> String {
    guard byte == UInt8(ascii: "\"") else {
      let start = offset
      while let byte, !",\n".utf8.contains(byte) { offset += 1 }
      var end = offset
      if end > start, byte != UInt8(ascii: ","), bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
      return ByteText.text(bytes[start..<end])
    }
    let opened = line
    var text: [UInt8] = []
    offset += 1
    while let byte {
      offset += 1
      if byte == UInt8(ascii: "\"") {
        guard self.byte == UInt8(ascii: "\"") else { return ByteText.text(text) }
        offset += 1
      } else if byte == UInt8(ascii: "\n") {
        line += 1
      }
      text.append(byte)
    }
    throw CSVError(line: opened, what: "a quote that is not closed")
  }
}

/// A text that is not CSV.
package struct CSVError: Error {
  /// The line, from 1.
  package let line: Int
  /// The problem, in words.
  package let what: String
}
