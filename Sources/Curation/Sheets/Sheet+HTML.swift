import Images
import Support

extension Sheet {
  /// Returns the sheet as one HTML page without scripts, which loads nothing. Options are buttons: each
  /// shows its own rows.
  package func html(_ pictures: SheetPictures) -> String {
    let body = sections.enumerated().map { number, section in
      let note = section.note.isEmpty ? "" : "<p>\(section.note.xmlEscaped)</p>\n"
      let rows = Self.html(section.rows, pictures)
      return "<h2>\(section.title.xmlEscaped)</h2>\n\(note)\(rows)"
        + Self.html(section.options, number, pictures)
    }.joined(separator: "\n")
    return """
      <!DOCTYPE html>
      <html lang="en"><head><meta charset="utf-8">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; \
      style-src 'unsafe-inline'">
      <title>\(title.xmlEscaped)</title>
      <style>\(Self.style)
      \(optionStyle)
      \(pictureStyle(pictures))</style></head>
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
    .picture { display: block; border: 3px solid transparent }
    .kept .picture { border-color: #0a7a3c }
    .options input { position: absolute; opacity: 0 } .options > div { display: none }
    .options label { display: inline-block; margin: 0 4px 8px 0; padding: 4px 10px; cursor: pointer;
      border: 1px solid #bbb; border-radius: 6px }
    .options input:checked + label { background: #0a7a3c; border-color: #0a7a3c; color: #fff }
    .options input:focus-visible + label { outline: 2px solid #36c }
    @media (prefers-color-scheme: dark) { body { color: #ddd; background: #161616 }
      .row { border-color: #333 } .kept .picture { border-color: #3fbf77 } }
    """

  /// Rules by which the checked button's rows are shown.
  private var optionStyle: String {
    let most = sections.map(\.options.count).max() ?? 0
    guard most > 0 else { return "" }
    return (1...most).map {
      ".options > input:nth-of-type(\($0)):checked ~ div:nth-of-type(\($0))"
    }.joined(separator: ",\n") + " { display: block }"
  }

  /// A rule for each picture, which is in the page once however often it is shown.
  private func pictureStyle(_ pictures: SheetPictures) -> String {
    images.compactMap { image in
      pictures[image].map {
        ".i\(image.id) { width: \($0.width)px; height: \($0.height)px; background: "
          + "url(data:image/png;base64,\(Self.base64(encodePNG($0)))) }"
      }
    }.joined(separator: "\n")
  }

  private static func html(
    _ options: [Option], _ section: Int, _ pictures: SheetPictures
  ) -> String {
    guard !options.isEmpty else { return "" }
    let buttons = options.enumerated().map { number, option in
      let id = "option\(section)-\(number)"
      return "<input type=\"radio\" name=\"option\(section)\" id=\"\(id)\""
        + (option.isChosen ? " checked" : "")
        + "><label for=\"\(id)\">\(option.label.xmlEscaped)</label>"
    }
    let views = options.map { "<div>\n\(html($0.rows, pictures))\n</div>" }
    return "<div class=\"options\">\n\((buttons + views).joined(separator: "\n"))\n</div>"
  }

  private static func html(_ rows: [Row], _ pictures: SheetPictures) -> String {
    rows.map { row in
      let cells = row.cells.map { html($0, pictures) }.joined(separator: "\n")
      let title = row.title.isEmpty ? "" : "<h3>\(row.title.xmlEscaped)</h3>\n"
      return "\(title)<div class=\"row\">\n\(cells)\n</div>"
    }.joined(separator: "\n")
  }

  private static func html(_ cell: Cell, _ pictures: SheetPictures) -> String {
    let path = cell.image.file.xmlEscaped
    let picture =
      pictures[cell.image] == nil
      ? "<em>cannot be decoded</em>"
      : "<span class=\"picture i\(cell.image.id)\" role=\"img\" aria-label=\"\(path)\"></span>"
    let caption = cell.caption.isEmpty ? path : "\(cell.caption.xmlEscaped)<br>\(path)"
    return "<figure\(cell.isKept ? " class=\"kept\"" : "")>\(picture)"
      + "<figcaption>\(caption)</figcaption></figure>"
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
