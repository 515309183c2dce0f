import Images
import Support

extension Sheet {
  /// Returns the sheet for a terminal with 24-bit colours: two pixels a character, one above the other.
  ///
  /// - Parameters:
  ///   - columns: the width of the terminal.
  ///   - isColoured: whether colours are allowed; without, only captions are listed.
  package func terminal(_ pictures: SheetPictures, columns: Int, isColoured: Bool) -> String {
    let width = 16
    // An even number, so that the pictures of a pair stay together.
    let perLine = max(1, columns / (width + 1) / 2 * 2)
    var lines: [String] = [title]
    for section in sections {
      lines += ["", section.title] + section.lines
      for row in section.shown {
        if !row.title.isEmpty { lines.append(PrintableText.line(row.title)) }
        for start in stride(from: 0, to: row.cells.count, by: perLine) {
          let cells = row.cells[start..<min(start + perLine, row.cells.count)]
          if isColoured { lines += Self.blocks(cells.map { pictures[$0.image] }, width: width) }
          lines += Self.captions(cells, width: isColoured ? width : nil)
        }
      }
    }
    return lines.joined(separator: "\n")
  }

  private static func captions(_ cells: ArraySlice<Cell>, width: Int?) -> [String] {
    guard let width else {
      return cells.map {
        "\($0.isKept ? "* " : "  ")\(PrintableText.line($0.image.file))  \($0.caption)"
      }
    }
    return [
      cells.map { cell in
        let text = (cell.isKept ? "*" : "") + cell.caption
        return text.padding(to: width)
      }.joined(separator: " ")
    ]
  }

  /// Returns lines of half blocks: the upper pixel is the foreground, the lower the background.
  private static func blocks(_ pictures: [RGBImage?], width: Int) -> [String] {
    let small = pictures.map {
      $0?.resized(toWidth: width, toHeight: width, filter: .bilinear)
    }
    return (0..<width / 2).map { line in
      small.map { picture -> String in
        guard let picture else { return String(repeating: " ", count: width) }
        return (0..<width).map { x in
          let (upper, lower) = (3 * (2 * line * width + x), 3 * ((2 * line + 1) * width + x))
          return "\u{1B}[38;2;\(colour(picture, upper));48;2;\(colour(picture, lower))m▀"
        }.joined() + "\u{1B}[0m"
      }.joined(separator: " ")
    }
  }

  private static func colour(_ picture: RGBImage, _ at: Int) -> String {
    "\(picture.pixels[at]);\(picture.pixels[at + 1]);\(picture.pixels[at + 2])"
  }
}

extension String {
  /// Cut or filled with spaces to a number of characters.
  fileprivate func padding(to width: Int) -> String {
    let cut = String(prefix(width))
    return cut + String(repeating: " ", count: width - cut.count)
  }
}
