import Support

/// A table of files, and of their labels: a CSV file with the columns `file` and `label` (RFC 4180),
/// or a text with a path in each line. In a CSV file, a first line with one or both of these words
/// is taken as a header. Names need not be UTF-8.
package struct FileTable: Sendable {
  /// A file and its label.
  package struct Row: Sendable {
    /// A path relative to the data set's folder.
    package let file: String
    /// `nil` if it has none.
    package let label: String?
    /// The line in which the row begins, from 1.
    package let line: Int
  }

  package let rows: [Row]

  /// Reads the bytes of a CSV file. Errors name `path`.
  ///
  /// - Parameters:
  ///   - needsLabels: whether a row without a label is an error.
  ///   - columns: the names of the columns.
  package init(
    csv bytes: [UInt8], path: String, needsLabels: Bool,
    columns: (file: String, label: String) = ("file", "label")
  ) throws(FileError) {
    guard !bytes.contains(0) else { throw Self.noText(path) }
    var rows: [Row] = []
    var scanner = CSVScanner(bytes)
    while let (fields, line) = try Self.next(&scanner, path) {
      if fields == [""] { continue }
      if rows.isEmpty,
        [[columns.file], [columns.file, columns.label]].contains(fields.map { $0.lowercased() })
      {
        continue
      }
      let label = fields.count == 2 && !fields[1].isEmpty ? fields[1] : nil
      guard fields.count <= 2, !fields[0].isEmpty, label != nil || !needsLabels else {
        throw Self.wrong(
          "\(path):\(line)",
          "expected \(columns.file),\(columns.label) and found \(Format.count(fields.count, "field"))"
            + (fields.count == 2 ? ", one empty" : ""))
      }
      rows.append(Row(file: fields[0], label: label, line: line))
    }
    self.rows = rows
    try checkRepeats(path)
  }

  /// Reads a text with a path in each line. Empty lines and lines that begin with `#` are passed
  /// over.
  init(lines bytes: [UInt8], path: String) throws(FileError) {
    guard !bytes.contains(0) else { throw Self.noText(path) }
    rows = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated()
      .compactMap { number, line in
        let name = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
        guard let first = name.first, first != UInt8(ascii: "#") else { return nil }
        return Row(file: ByteText.text(name), label: nil, line: number + 1)
      }
    try checkRepeats(path)
  }

  private func checkRepeats(_ path: String) throws(FileError) {
    // By the bytes of the names, since `String` takes some different ones for equal.
    var lines: [[UInt8]: Int] = [:]
    for row in rows {
      if let other = lines.updateValue(row.line, forKey: ByteText.bytes(row.file)) {
        throw Self.wrong("\(path):\(row.line)", "\(row.file) stands in line \(other) already")
      }
    }
  }

  private static func next(
    _ scanner: inout CSVScanner, _ path: String
  ) throws(FileError) -> (fields: [String], line: Int)? {
    do throws(CSVError) {
      return try scanner.next()
    } catch {
      throw wrong("\(path):\(error.line)", error.what)
    }
  }

  private static func noText(_ path: String) -> FileError {
    wrong(path, "is not a text file, or not in an encoding such as UTF-8")
  }

  private static func wrong(_ place: String, _ what: String) -> FileError {
    FileError(
      file: place, what: what, remedy: "each line is file,label, and names a file once",
      cause: .damage)
  }
}
