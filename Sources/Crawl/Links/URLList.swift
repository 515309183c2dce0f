import Support

/// A list of addresses: a text with one in each line, or a CSV file with a column `url`, and with
/// `alt` or `caption` and `page` if there are any. The position is one of a text's bytes, or the number
/// of a CSV file's records.
///
/// In a text, empty lines and lines that begin with `#` are passed over. A CSV file without such a
/// column is taken to have the addresses in its first one.
package struct URLList: LinkSource {
  package let path: String
  /// The largest CSV file that is read, in bytes; it is held in memory.
  private static let mostBytes = 1 << 32
  /// How many bytes of a text are read at a time, which is more than a line has.
  private static let pieceSize = 1 << 20
  /// How many links are given at a time.
  private static let batch = 1000

  package init(path: String) { self.path = path }

  package var name: String { "list:" + FilePath.canonical(path) }

  private var isTable: Bool { path.lowercased().hasSuffix(".csv") }

  package var unit: String { isTable ? "lines" : "bytes" }
  package func size() throws(FileError) -> Int {
    isTable ? 0 : try FileSystem.status(path)?.size ?? 0
  }

  package func read(
    from position: Int, counts: inout LinkCounts,
    _ take: ([ImageLink], Int) throws(FileError) -> Bool
  ) throws(FileError) {
    if isTable {
      let bytes = try WholeFile.read(path, limit: Self.mostBytes)
      try readCSV(bytes, from: position, &counts, take)
    } else {
      try readText(from: position, &counts, take)
    }
  }

  private func readText(
    from position: Int, _ counts: inout LinkCounts,
    _ take: ([ImageLink], Int) throws(FileError) -> Bool
  ) throws(FileError) {
    var place = position
    while true {
      let piece = try FilePiece.read(path, at: place, most: Self.pieceSize)
      if piece.isEmpty { return }
      // A line that is cut is read with the next piece, unless no piece holds it.
      let isLast = piece.count < Self.pieceSize
      let feed = piece.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 }
      let whole = isLast ? piece.count : feed ?? piece.count
      var links: [ImageLink] = []
      for line in piece[..<whole].split(separator: UInt8(ascii: "\n")) {
        let first = line.first { !ASCII.isSpace($0) }
        guard let first, first != UInt8(ascii: "#") else { continue }
        link(String(decoding: line, as: UTF8.self), &counts).map { links.append($0) }
      }
      place += whole
      guard try take(links, place) else { return }
    }
  }

  private func link(
    _ text: String, page: String = "", alt: String = "", _ counts: inout LinkCounts
  ) -> ImageLink? {
    guard let url = try? WebURL(text) else {
      counts.unusable += 1
      return nil
    }
    return ImageLink(url: url, page: page, alt: alt)
  }

  private func readCSV(
    _ bytes: [UInt8], from position: Int, _ counts: inout LinkCounts,
    _ take: ([ImageLink], Int) throws(FileError) -> Bool
  ) throws(FileError) {
    var scanner = CSVScanner(bytes)
    var columns: Columns?
    var links: [ImageLink] = []
    var number = 0
    while let fields = try next(&scanner) {
      number += 1
      let isHeader = columns == nil && Columns.isHeader(fields)
      if columns == nil { columns = Columns(isHeader ? fields : []) }
      guard let columns, !isHeader, number > position, fields != [""] else { continue }
      link(
        Columns.field(columns.url, fields), page: Columns.field(columns.page, fields),
        alt: Columns.field(columns.alt, fields), &counts
      ).map { links.append($0) }
      if links.count == Self.batch {
        guard try take(links, number) else { return }
        links = []
      }
    }
    _ = try take(links, number)
  }

  private func next(_ scanner: inout CSVScanner) throws(FileError) -> [String]? {
    do throws(CSVError) {
      return try scanner.next()?.fields
    } catch {
      throw FileError(
        file: "\(path):\(error.line)", what: error.what,
        remedy: "a list of addresses is a text or a CSV file with a column url")
    }
  }

  /// Where a CSV file has what.
  private struct Columns {
    let url: Int?
    let page: Int?
    let alt: Int?

    init(_ header: [String]) {
      let names = header.map { $0.lowercased() }
      url = header.isEmpty ? 0 : names.firstIndex(of: "url")
      page = names.firstIndex(of: "page")
      alt = names.firstIndex { $0 == "alt" || $0 == "caption" }
    }

    static func isHeader(_ fields: [String]) -> Bool {
      fields.contains { $0.lowercased() == "url" }
    }

    static func field(_ column: Int?, _ fields: [String]) -> String {
      column.flatMap { $0 < fields.count ? fields[$0] : nil } ?? ""
    }
  }
}
