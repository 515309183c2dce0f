import Support

/// How rows are written for other programs.
enum RowFormat {
  /// Comma-separated values after a line of names. A cell without a value is empty.
  case csv
  /// A JSON object in each line. A column without a value is left out.
  case jsonl

  /// The line before the first row; `nil` if there is none.
  func header(_ columns: [String]) -> String? {
    switch self {
    case .csv: columns.joined(separator: ",")
    case .jsonl: nil
    }
  }

  func line(_ row: MetricTable.Row, _ columns: [String]) -> String {
    switch self {
    case .csv: row.map { $0?.csv ?? "" }.joined(separator: ",")
    case .jsonl:
      "{"
        + zip(columns, row).compactMap { name, cell in
          cell.map { "\(name.jsonQuoted):\($0.json)" }
        }.joined(separator: ",") + "}"
    }
  }
}

extension MetricTable.Cell {
  /// The value for CSV. A text is quoted if it has to be.
  fileprivate var csv: String {
    switch self {
    case .integer(let value): "\(value)"
    case .number(let value): "\(value)"
    case .text(let text):
      text.contains { ",\"\r\n".contains($0) || $0 == "\r\n" }
        ? "\"\(text.replacing("\"", with: "\"\""))\"" : text
    }
  }

  /// The value for JSON. A number that is not finite is a text, as in the protocol.
  fileprivate var json: String {
    switch self {
    case .integer(let value): "\(value)"
    case .number(let value): value.isFinite ? "\(value)" : "\(value)".jsonQuoted
    case .text(let text): text.jsonQuoted
    }
  }
}
