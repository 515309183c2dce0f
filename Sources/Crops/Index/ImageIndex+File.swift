import Support

/// The file in which a run keeps the index: CSV with a line for each image.
extension ImageIndex {
  private static let header = ["set", "path", "bytes", "class"]
  /// The largest file that is read, in bytes.
  private static let limit = 1 << 34

  /// The index as CSV. Paths are written byte by byte as the system has them.
  var csv: [UInt8] {
    var text = Array((Self.header.joined(separator: ",") + "\n").utf8)
    for entry in entries {
      let fields = [
        entry.purpose.rawValue, entry.path.csvField, entry.bytes.map(String.init) ?? "",
        entry.label.csvField,
      ]
      text += ByteText.bytes(fields.joined(separator: ","))
      text.append(UInt8(ascii: "\n"))
    }
    return text
  }

  /// Writes the index to a file, atomically.
  package func write(to path: String) throws(FileError) {
    try WholeFile.write(bytes: csv, to: path)
  }

  /// Reads an index; `nil` if there is no file. Throws if it cannot be read or is not an index.
  package static func read(_ path: String) throws(FileError) -> ImageIndex? {
    guard try FileSystem.status(path) != nil else { return nil }
    return try ImageIndex(csv: WholeFile.read(path, limit: limit), path: path)
  }

  /// Reads a text. Errors name `path`.
  init(csv bytes: [UInt8], path: String) throws(FileError) {
    var scanner = CSVScanner(bytes)
    guard let header = try Self.next(&scanner, path), header.fields == Self.header else {
      throw Self.damaged(path, 1, "is no index of images")
    }
    var entries: [Entry] = []
    while let (fields, line) = try Self.next(&scanner, path) {
      guard fields.count == Self.header.count, let purpose = Purpose(rawValue: fields[0]),
        !fields[1].isEmpty, fields[2].isEmpty || Int(fields[2]).map({ $0 >= 0 }) == true
      else {
        throw Self.damaged(path, line, "is not \(Self.header.joined(separator: ","))")
      }
      entries.append(Entry(purpose, path: fields[1], bytes: Int(fields[2]), label: fields[3]))
    }
    self.entries = entries
  }

  private static func next(
    _ scanner: inout CSVScanner, _ path: String
  ) throws(FileError) -> (fields: [String], line: Int)? {
    do throws(CSVError) {
      return try scanner.next()
    } catch {
      throw damaged(path, error.line, error.what)
    }
  }

  private static func damaged(_ path: String, _ line: Int, _ what: String) -> FileError {
    FileError(
      file: "\(path):\(line)", what: what,
      remedy: "remove the file to go on without comparing the images with those before",
      cause: .damage)
  }
}
