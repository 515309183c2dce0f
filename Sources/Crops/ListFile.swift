import Support

/// A list of image files: a text file with a path in each line, or a CSV file with the columns
/// `file` and, for classes, `label` (RFC 4180).
///
/// Paths are relative to the list's folder. In a text file, empty lines and lines that begin with
/// `#` are passed over. In a CSV file, a first line with the columns' names is taken as a header.
struct ListFile {
  let path: String
  /// The files and their classes; `nil` for a file without one.
  private(set) var rows: [(file: String, label: String?)] = []

  /// The largest list that is read, in bytes.
  private static let limit = 1 << 34

  /// Whether a file is a list, by its name.
  static func isList(_ path: String) -> Bool {
    [".txt", ".csv"].contains { path.lowercased().hasSuffix($0) }
  }

  /// Reads a list. Throws if it cannot be read, or if a file that it names is not there.
  init(path: String) throws(FileError) {
    self.path = path
    let bytes = try WholeFile.read(path, limit: Self.limit)
    guard !bytes.contains(0) else { throw wrong(1, "is not a text file") }
    var lines: [Int] = []
    if path.lowercased().hasSuffix(".csv") {
      try readCSV(bytes, &lines)
    } else {
      for (number, line) in bytes.split(
        separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false
      )
      .enumerated() {
        let name = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
        guard let first = name.first, first != UInt8(ascii: "#") else { continue }
        rows.append((ByteText.text(name), nil))
        lines.append(number + 1)
      }
    }
    guard !rows.isEmpty else { throw wrong(1, "names no files") }
    try check(lines)
  }

  private mutating func readCSV(_ bytes: [UInt8], _ lines: inout [Int]) throws(FileError) {
    var scanner = CSVScanner(bytes)
    var columns: Int?
    while let (fields, line) = try next(&scanner) {
      if fields == [""] { continue }
      if columns == nil, fields[0].lowercased() == "file" {
        guard fields.count == 1 || (fields.count == 2 && fields[1].lowercased() == "label") else {
          throw wrong(line, "has the columns \(fields.joined(separator: ",")), not file,label")
        }
        columns = fields.count
        continue
      }
      columns = columns ?? fields.count
      guard fields.count == columns, fields.count <= 2, !fields[0].isEmpty else {
        throw wrong(line, "is not \(columns == 1 ? "file" : "file,label")")
      }
      let label = fields.count == 2 && !fields[1].isEmpty ? fields[1] : nil
      rows.append((fields[0], label))
      lines.append(line)
    }
  }

  private func next(
    _ scanner: inout CSVScanner
  ) throws(FileError) -> (fields: [String], line: Int)? {
    do throws(CSVError) {
      return try scanner.next()
    } catch {
      throw wrong(error.line, error.what)
    }
  }

  /// Throws if a file is named twice or is not there.
  private func check(_ lines: [Int]) throws(FileError) {
    let folder = FilePath.parent(of: path)
    var known: [[UInt8]: Int] = [:]
    var missing: [Int] = []
    for (row, line) in zip(rows, lines) {
      if let other = known.updateValue(line, forKey: ByteText.bytes(row.file)) {
        throw wrong(line, "names \(row.file), which line \(other) names already")
      }
      if try FileSystem.status(place(of: row.file))?.kind != .file { missing.append(line) }
    }
    guard let first = missing.first, let row = lines.firstIndex(of: first) else { return }
    let others = missing.count > 1 ? ", nor \(Format.count(missing.count - 1, "other file"))" : ""
    throw wrong(first, "names \(rows[row].file), which is not in \(folder)\(others)")
  }

  /// Returns the path of a file that the list names.
  func place(of file: String) -> String {
    file.utf8.first == UInt8(ascii: "/") ? file : FilePath.parent(of: path) + "/" + file
  }

  private func wrong(_ line: Int, _ what: String) -> FileError {
    FileError(
      file: "\(path):\(line)", what: what,
      remedy: "a list has a path in each line, or is a CSV file of file,label")
  }
}

extension FoundFiles {
  /// Adds the files of a list. An archive adds the images in it.
  mutating func add(_ list: ListFile) throws(FileError) {
    for row in list.rows {
      guard ArchiveKind(name: row.file) != nil else {
        add(row.file, label: row.label)
        continue
      }
      try add(archive: list.place(of: row.file), as: row.file)
    }
  }
}
