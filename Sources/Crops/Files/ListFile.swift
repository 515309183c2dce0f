import Recipe
import Support

/// A list of image files, as a `FileTable`.
///
/// Paths are relative to the list's folder.
struct ListFile {
  let path: String
  let rows: [FileTable.Row]

  /// The largest list that is read, in bytes.
  private static let limit = 1 << 34

  /// Reads a list. Throws if it cannot be read, or if a file that it names is not there.
  init(path: String) throws(FileError) {
    self.path = path
    let bytes = try WholeFile.read(path, limit: Self.limit)
    let table =
      DataSetFile(name: path) == .table
      ? try FileTable(csv: bytes, path: path, needsLabels: false)
      : try FileTable(lines: bytes, path: path)
    rows = table.rows
    guard !rows.isEmpty else { throw wrong(1, "names no files") }
    try check()
  }

  /// Throws if a file is not there.
  private func check() throws(FileError) {
    var missing: [FileTable.Row] = []
    for row in rows where try FileSystem.status(place(of: row.file))?.kind != .file {
      missing.append(row)
    }
    guard let first = missing.first else { return }
    let others = missing.count > 1 ? ", nor \(Format.count(missing.count - 1, "other file"))" : ""
    throw wrong(
      first.line, "names \(first.file), which is not in \(FilePath.parent(of: path))\(others)")
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
      if DataSetFile(name: row.file)?.isArchive == true {
        try add(archive: list.place(of: row.file), as: row.file)
      } else {
        add(row.file, label: row.label)
      }
    }
  }
}
