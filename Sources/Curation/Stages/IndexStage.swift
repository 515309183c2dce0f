import Crops
import SQL
import Store
import Support

/// Lists the images of all sources. An image whose file has changed since counts as a new one.
enum IndexStage: Stage {
  static let name = StageName.index
  static let isIncremental = true

  /// Rows that are written at once.
  private static let batch = 20_000

  static func run(_ context: CurationContext) throws -> String {
    var (added, gone) = (0, 0)
    var sources: [Int] = []
    for (role, paths) in try Self.sources(context) {
      for path in paths {
        let source = try context.catalogue.source(path, role)
        sources.append(source)
        let change = try index(source, context)
        // Examples and evaluation sets are not counted among the images.
        guard role == .pool else { continue }
        added += change.added
        gone += change.gone
      }
    }
    gone += try context.catalogue.removeSources(except: sources)
    try ProbeStage.checkExamples(context)
    let count = try context.catalogue.count(keptAfter: nil)
    return "\(Format.count(count, "image")), \(Format.count(added)) new, \(Format.count(gone)) gone"
  }

  /// All folders, lists and archives of images, by what they are for.
  private static func sources(
    _ context: CurationContext
  ) throws -> [(role: ImageRole, paths: [String])] {
    let plan = context.plan
    var pool = plan.index.sources
    if CrawlStage.isWanted(plan) && FileSystem.exists(context.pool.crawlList) {
      pool.append(context.pool.crawlList)
    }
    guard !pool.isEmpty else {
      throw CatalogueError.failed(
        path: context.pool.path, detail: "no image was fetched, and index.sources names none")
    }
    return [
      (.pool, pool), (.evaluation, plan.decontaminate.sets), (.example, plan.retrieve.queries),
      (.positive, plan.probe.positive), (.negative, plan.probe.negative),
    ]
  }

  private static func index(
    _ source: Int, _ context: CurationContext
  ) throws -> (added: Int, gone: Int) {
    let list = try context.list(source)
    context.observer.began(name, what: "files", total: list.count)
    var known = KnownFiles(try context.catalogue.files(of: source))
    var added = 0
    for start in stride(from: 0, to: list.count, by: batch) {
      try context.check()
      let rows = (start..<min(start + batch, list.count)).compactMap { index -> FileRow? in
        let row = FileRow(list, index)
        return known.take(row.file) == row ? nil : row
      }
      added += rows.count
      try context.catalogue.put(rows, of: source)
      context.observer.advanced(to: min(start + batch, list.count))
    }
    let gone = known.rest()
    // What is in a folder that cannot be listed is not gone.
    if try !gone.isEmpty && context.isIncomplete(source) {
      throw CatalogueError.failed(
        path: list.name,
        detail: "a part cannot be listed, and \(Format.count(gone.count, "image")) may be in it; "
          + "run again when it is there, or take it out of index.sources")
    }
    try context.catalogue.remove(gone)
    return (added, gone.count)
  }

  static func output(_ context: CurationContext) throws -> String {
    try context.catalogue.fingerprint(.pool)
  }
}

/// A file as it is listed.
struct FileRow: Equatable {
  let file: String
  let bytes: Int?
  let modified: Double?
  let label: String?

  init(_ list: FileList, _ index: Int) {
    file = list.key(index)
    let stamp = list.stamp(index)
    (bytes, modified) = (stamp?.bytes, stamp?.modified)
    label = list.label(index).map { list.classes[$0] }
  }

  /// All of it in one line.
  fileprivate var text: String {
    let parts = [bytes.map(String.init), modified.map { String($0) }, label].map { $0 ?? "" }
    return "\(file)\t" + parts.joined(separator: "\t")
  }

  fileprivate init(_ row: Statement<CatalogueError>) {
    file = row.text(1)
    bytes = row.optional(2, row.integer)
    modified = row.optional(3, row.double)
    label = row.optional(4, row.text)
  }
}

/// The files that are known of a source, which are taken in the order of a list.
private struct KnownFiles {
  private let files: [(id: Int, row: FileRow)]
  private var place = 0
  private var gone: [Int] = []

  /// Names are ordered by their bytes. The database orders the texts that stand for them, which is
  /// the same for nearly all.
  init(_ files: [(id: Int, row: FileRow)]) {
    self.files = files.sorted { FilePath.precedes($0.row.file, $1.row.file) }
  }

  /// Returns what is known of the next file of the list; `nil` if it is new. Known files before it
  /// are gone.
  mutating func take(_ file: String) -> FileRow? {
    while place < files.count, FilePath.precedes(files[place].row.file, file) {
      gone.append(files[place].id)
      place += 1
    }
    guard place < files.count, !FilePath.precedes(file, files[place].row.file) else { return nil }
    defer { place += 1 }
    return files[place].row
  }

  /// Returns the files that were not in the list.
  func rest() -> [Int] { gone + files[place...].map(\.id) }
}

extension Catalogue {
  /// Returns the known files of a source, by name.
  fileprivate func files(of source: Int) throws(CatalogueError) -> [(id: Int, row: FileRow)] {
    let find = try database.prepare(
      "SELECT id, file, bytes, modified, label FROM images WHERE source = ? ORDER BY file")
    find.bind(source, at: 0)
    var files: [(id: Int, row: FileRow)] = []
    while try find.step() { files.append((find.integer(0), FileRow(find))) }
    return files
  }

  /// Adds files, or replaces what is known of them.
  fileprivate func put(_ rows: [FileRow], of source: Int) throws(CatalogueError) {
    guard !rows.isEmpty else { return }
    let put = try database.prepare(
      "REPLACE INTO images(source, file, bytes, modified, label) VALUES(?, ?, ?, ?, ?)")
    try transaction { () throws(CatalogueError) in
      for row in rows {
        put.bind(source, at: 0)
        put.bind(row.file, at: 1)
        put.bind(row.bytes, at: 2)
        put.bind(row.modified, at: 3)
        put.bind(row.label, at: 4)
        try put.run()
      }
    }
  }

  /// Forgets images.
  fileprivate func remove(_ ids: [Int]) throws(CatalogueError) {
    guard !ids.isEmpty else { return }
    let remove = try database.prepare("DELETE FROM images WHERE id = ?")
    try transaction { () throws(CatalogueError) in
      for id in ids {
        remove.bind(id, at: 0)
        try remove.run()
      }
    }
  }

  /// Returns a fingerprint of the files of a role: their names, sizes and times.
  func fingerprint(_ role: ImageRole) throws(CatalogueError) -> String {
    let find = try database.prepare(
      "SELECT source, file, bytes, modified, label FROM images WHERE source IN "
        + "(SELECT id FROM sources WHERE role = '\(role.rawValue)') ORDER BY source, file")
    var (whole, part) = ("", "")
    while try find.step() {
      let row = FileRow(find)
      part += "\(find.integer(0)) \(row.text)\n"
      if part.utf8.count > 1 << 20 { (whole, part) = (Checksum.text(of: whole + part), "") }
    }
    return Checksum.text(of: whole + part)
  }
}
