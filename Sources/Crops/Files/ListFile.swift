import Recipe
import Support

/// A list of image files, as a `FileTable`.
///
/// Paths are relative to the list's folder. A path may go on into an archive, as in
/// `shard.tar/0001.jpg`.
struct ListFile {
  let path: String
  let rows: [FileTable.Row]
  /// The archives into which paths of rows go on, by the row; see `archive(of:)`.
  private var archives: [Int: String] = [:]

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
  private mutating func check() throws(FileError) {
    var missing: [FileTable.Row] = []
    var known: [[UInt8]: Bool] = [:]
    for (number, row) in rows.enumerated() {
      // A path into an archive is looked up there later.
      if let archive = Self.archive(in: row.file) {
        let key = ByteText.bytes(archive)
        let isThere = if let answer = known[key] { answer } else { try isFile(archive) }
        known[key] = isThere
        if isThere {
          archives[number] = archive
          continue
        }
      }
      if try !isFile(row.file) { missing.append(row) }
    }
    guard let first = missing.first else { return }
    let others = missing.count > 1 ? ", nor \(Format.count(missing.count - 1, "other file"))" : ""
    throw wrong(
      first.line, "names \(first.file), which is not in \(FilePath.parent(of: path))\(others)")
  }

  private func isFile(_ file: String) throws(FileError) -> Bool {
    try FileSystem.status(place(of: file))?.kind == .file
  }

  /// Returns the part of a path up to a folder that is called like an archive; `nil` if there is none.
  private static func archive(in file: String) -> String? {
    let bytes = ByteText.bytes(file)
    for slash in bytes.indices.dropFirst() where bytes[slash] == UInt8(ascii: "/") {
      let start = ByteText.text(bytes[..<slash])
      if DataSetFile(name: start)?.isArchive == true { return start }
    }
    return nil
  }

  /// Returns the archive into which the path of a row goes on, as the list calls it; `nil` if it does
  /// not.
  func archive(of row: Int) -> String? { archives[row] }

  /// Returns the path of a file that the list names.
  func place(of file: String) -> String {
    file.utf8.first == UInt8(ascii: "/") ? file : FilePath.parent(of: path) + "/" + file
  }

  func wrong(_ line: Int, _ what: String) -> FileError {
    FileError(
      file: "\(path):\(line)", what: what,
      remedy: "a list has a path in each line, or is a CSV file of file,label")
  }
}

extension FoundFiles {
  /// Adds the files of a list. An archive adds the images in it.
  mutating func add(_ list: ListFile) throws(FileError) {
    var opened: [[UInt8]: Members] = [:]
    for (number, row) in list.rows.enumerated() {
      if let archive = list.archive(of: number) {
        let key = ByteText.bytes(archive)
        if opened[key] == nil {
          opened[key] = Members(try open(archive: list.place(of: archive)), archive)
        }
        guard let place = opened[key]!.place(of: row.file) else {
          throw list.wrong(row.line, "names \(row.file), which is not in that archive")
        }
        add(row.file, label: row.label, at: place)
      } else if DataSetFile(name: row.file)?.isArchive == true {
        try add(archive: list.place(of: row.file), as: row.file)
      } else {
        add(row.file, label: row.label)
      }
    }
  }

  /// The files of an archive by their names.
  private struct Members {
    private let prefix: Int
    private let archive: Int32
    private let entries: [[UInt8]: Int32]

    init(_ opened: (number: Int, archive: any ImageArchive), _ name: String) {
      prefix = ByteText.bytes(name).count + 1
      archive = Int32(opened.number)
      entries = Dictionary(
        opened.archive.entries.enumerated().map { (ByteText.bytes($1.name), Int32($0)) },
        uniquingKeysWith: { $1 })
    }

    func place(of file: String) -> ArchivedFile? {
      entries[Array(ByteText.bytes(file).dropFirst(prefix))].map {
        ArchivedFile(archive: archive, entry: $0)
      }
    }
  }
}
