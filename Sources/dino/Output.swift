import FoundationEssentials
import Screen

#if canImport(Glibc)
  import Glibc
#endif

/// A value as JSON that a person can read too.
func json(_ value: some Encodable) throws -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
  return String(decoding: try encoder.encode(value), as: UTF8.self)
}

/// Columns under headings; numbers stand right.
func columns(_ headings: [(String, right: Bool)], _ rows: [[String]]) -> String {
  let widths = headings.indices.map { column in
    ([headings[column].0] + rows.map { $0[column] }).map(\.columns).max() ?? 0
  }
  let line = { (cells: [String]) in
    var text = zip(cells, zip(widths, headings)).map { cell, column in
      cell.padded(column.0, right: column.1.right)
    }.joined(separator: "  ")
    while text.last == " " { text.removeLast() }
    return text
  }
  return ([headings.map(\.0)] + rows).map(line).joined(separator: "\n")
}

/// Seconds since 1970.
func now() -> Double { Date().timeIntervalSince1970 }
