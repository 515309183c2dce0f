import Images
import Support

extension Sheet {
  /// Returns the sheet as one HTML page without scripts, which loads nothing.
  package func html(_ pictures: SheetPictures) -> String {
    let body = sections.map { section in
      let rows = section.rows.map { Self.html($0, pictures) }.joined(separator: "\n")
      let note = section.note.isEmpty ? "" : "<p>\(section.note.xmlEscaped)</p>\n"
      return "<h2>\(section.title.xmlEscaped)</h2>\n\(note)\(rows)"
    }.joined(separator: "\n")
    return """
      <!DOCTYPE html>
      <html lang="en"><head><meta charset="utf-8">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; \
      style-src 'unsafe-inline'">
      <title>\(title.xmlEscaped)</title>
      <style>\(Self.style)</style></head>
      <body><h1>\(title.xmlEscaped)</h1>
      \(body)
      </body></html>

      """
  }

  private static let style = """
    body { font: 14px sans-serif; margin: 2em; color: #222; background: #fff }
    h1 { font-size: 1.5em } h2 { font-size: 1.2em; margin-top: 2em } h3 { font-size: 1em }
    .row { display: flex; flex-wrap: wrap; gap: 8px; padding: 8px 0; border-top: 1px solid #ddd }
    figure { margin: 0; width: 120px } figcaption { font-size: 11px; overflow-wrap: anywhere }
    img { border: 3px solid transparent } .kept img { border-color: #0a7a3c }
    @media (prefers-color-scheme: dark) { body { color: #ddd; background: #161616 }
      .row { border-color: #333 } .kept img { border-color: #3fbf77 } }
    """

  private static func html(_ row: Row, _ pictures: SheetPictures) -> String {
    let cells = row.cells.map { cell in
      let path = cell.image.file.xmlEscaped
      let picture =
        pictures[cell.image].map { image in
          "<img alt=\"\(path)\" width=\"\(image.width)\" height=\"\(image.height)\" "
            + "src=\"data:image/png;base64,\(base64(encodePNG(image)))\">"
        } ?? "<em>cannot be decoded</em>"
      let caption = cell.caption.isEmpty ? path : "\(cell.caption.xmlEscaped)<br>\(path)"
      return "<figure\(cell.isKept ? " class=\"kept\"" : "")>\(picture)"
        + "<figcaption>\(caption)</figcaption></figure>"
    }.joined(separator: "\n")
    let title = row.title.isEmpty ? "" : "<h3>\(row.title.xmlEscaped)</h3>\n"
    return "\(title)<div class=\"row\">\n\(cells)\n</div>"
  }

  /// Base64 of RFC 4648, with padding.
  static func base64(_ bytes: [UInt8]) -> String {
    let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      let value = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
      for place in 0..<4 {
        text.append(
          place <= group.count ? letters[value >> (18 - 6 * place) & 63] : UInt8(ascii: "="))
      }
    }
    return String(decoding: text, as: UTF8.self)
  }
}
