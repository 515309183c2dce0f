#if canImport(Glibc)
  import Glibc
#endif

/// A CSV file of `file,label` (RFC 4180); a first line of just these words is taken for a header.
package struct LabelTable: Sendable, Equatable {
  package struct Row: Sendable, Equatable {
    package let file: String
    package let label: String
    /// Where it stands, from 1.
    package let line: Int
  }

  package let path: String
  package let rows: [Row]

  /// A table has at most so many bytes.
  private static let limit = 1 << 30

  package init(path: String) throws(EvaluationError) {
    try self.init(text: Self.read(path), path: path)
  }

  package init(text: String, path: String) throws(EvaluationError) {
    self.path = path
    var rows: [Row] = []
    var places: [String: Int] = [:]
    var scanner = CSVScanner(text)
    while let (fields, line) = try scanner.record(path) {
      if fields == [""] { continue }
      guard fields.count == 2, !fields[0].isEmpty, !fields[1].isEmpty else {
        throw EvaluationError(
          "\(path):\(line): expected file,label and found \(fields.count) "
            + "field\(fields.count == 1 ? "" : "s")\(fields.count == 2 ? ", one empty" : "")")
      }
      if rows.isEmpty && fields.map({ $0.lowercased() }) == ["file", "label"] { continue }
      if let other = places[fields[0]] {
        throw EvaluationError(
          "\(path):\(line): \(fields[0]) has a label in line \(other) already; name a file once")
      }
      places[fields[0]] = line
      rows.append(Row(file: fields[0], label: fields[1], line: line))
    }
    guard !rows.isEmpty else {
      throw EvaluationError("\(path): has no labels; lines are file,label")
    }
    self.rows = rows
  }

  private static func read(_ path: String) throws(EvaluationError) -> String {
    guard isFile(path), let file = fopen(path, "r") else {
      throw EvaluationError("\(path): no such file; --labels takes a CSV file of file,label")
    }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = fread(&piece, 1, piece.count, file)
      if count == 0 { break }
      bytes += piece[..<count]
      guard bytes.count <= limit else {
        throw EvaluationError("\(path): has more than \(limit) bytes; that is no table of labels")
      }
    }
    // A mark that some spreadsheets begin a file with.
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw EvaluationError("\(path): is not UTF-8 text")
    }
    return text
  }
}

/// Whether a path leads to a regular file.
func isFile(_ path: String) -> Bool {
  var info = stat()
  return stat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFREG
}

/// Fields of a CSV text, record by record.
private struct CSVScanner {
  private let bytes: [UInt8]
  private var place = 0
  private var line = 1

  init(_ text: String) { bytes = Array(text.utf8) }

  /// The next record and the line it begins in; nil at the end.
  mutating func record(
    _ path: String
  ) throws(EvaluationError) -> (fields: [String], line: Int)? {
    guard place < bytes.count else { return nil }
    let start = line
    var fields: [String] = []
    while true {
      fields.append(try field(path))
      guard place < bytes.count, bytes[place] == UInt8(ascii: ",") else { break }
      place += 1
    }
    if place < bytes.count && bytes[place] == UInt8(ascii: "\r") { place += 1 }
    if place < bytes.count {
      guard bytes[place] == UInt8(ascii: "\n") else {
        throw EvaluationError("\(path):\(line): text after a closing quote")
      }
      place += 1
      line += 1
    }
    return (fields, start)
  }

  private mutating func field(_ path: String) throws(EvaluationError) -> String {
    guard place < bytes.count, bytes[place] == UInt8(ascii: "\"") else {
      let start = place
      while place < bytes.count, !",\n".utf8.contains(bytes[place]) { place += 1 }
      var end = place
      if end > start, place == bytes.count || bytes[place] == UInt8(ascii: "\n"),
        bytes[end - 1] == UInt8(ascii: "\r")
      {
        end -= 1
      }
      return String(decoding: bytes[start..<end], as: UTF8.self)
    }
    let opened = line
    var text: [UInt8] = []
    place += 1
    while place < bytes.count {
      let byte = bytes[place]
      place += 1
      if byte == UInt8(ascii: "\"") {
        guard place < bytes.count, bytes[place] == UInt8(ascii: "\"") else {
          return String(decoding: text, as: UTF8.self)
        }
        place += 1
      } else if byte == UInt8(ascii: "\n") {
        line += 1
      }
      text.append(byte)
    }
    throw EvaluationError("\(path):\(opened): a quote that is not closed")
  }
}
