import Support

/// A CSV file with the columns `file` and `label` (RFC 4180). A first line with these two words is
/// taken as a header.
package struct LabelTable: Sendable, Equatable {
  /// A file and its label.
  package struct Row: Sendable, Equatable {
    /// A path relative to the data set's folder.
    package let file: String
    package let label: String
    /// The line in which the row begins, from 1.
    package let line: Int
  }

  package let path: String
  package let rows: [Row]

  /// The largest file that is read, in bytes.
  private static let limit = 1 << 30

  /// Reads a file. Throws if it is missing or not such a table. File names need not be
  /// UTF-8.
  package init(path: String) throws(FeatureError) {
    try self.init(bytes: Self.read(path), path: path)
  }

  /// Reads a text. Errors name `path`.
  package init(text: String, path: String) throws(FeatureError) {
    try self.init(bytes: Array(text.utf8), path: path)
  }

  private init(bytes: [UInt8], path: String) throws(FeatureError) {
    self.path = path
    var rows: [Row] = []
    // By the bytes of the names, since `String` takes some different ones for equal.
    var lines: [[UInt8]: Int] = [:]
    var scanner = CSVScanner(bytes)
    while let (fields, line) = try Self.record(&scanner, path) {
      if fields == [""] { continue }
      guard fields.count == 2, !fields[0].isEmpty, !fields[1].isEmpty else {
        throw FeatureError(
          "\(path):\(line): expected file,label and found \(fields.count) "
            + "field\(fields.count == 1 ? "" : "s")\(fields.count == 2 ? ", one empty" : "")")
      }
      if rows.isEmpty && fields.map({ $0.lowercased() }) == ["file", "label"] { continue }
      let name = ByteText.bytes(fields[0])
      if let other = lines[name] {
        throw FeatureError(
          "\(path):\(line): \(fields[0]) has a label in line \(other) already; name a file once")
      }
      lines[name] = line
      rows.append(Row(file: fields[0], label: fields[1], line: line))
    }
    guard !rows.isEmpty else {
      throw FeatureError("\(path): has no labels; lines are file,label")
    }
    self.rows = rows
  }

  private static func record(
    _ scanner: inout CSVScanner, _ path: String
  ) throws(FeatureError) -> (fields: [String], line: Int)? {
    do throws(CSVError) {
      return try scanner.next()
    } catch {
      throw FeatureError("\(path):\(error.line): \(error.what)")
    }
  }

  private static func read(_ path: String) throws(FeatureError) -> [UInt8] {
    let bytes: [UInt8]?
    do throws(FileError) {
      bytes = try FileSystem.status(path) == nil ? nil : WholeFile.read(path, limit: limit)
    } catch {
      throw FeatureError("\(error)")
    }
    guard let bytes else {
      throw FeatureError("\(path): no such file; --labels takes a CSV file of file,label")
    }
    guard !bytes.contains(0) else {
      throw FeatureError("\(path): is not a text file, or not in an encoding such as UTF-8")
    }
    return bytes
  }
}
