import Images

extension Sheet {
  /// The most columns and rows of a picture of a sheet.
  private static let most = (columns: 10, rows: 24)
  private static let gap = 6

  /// Returns the sheet as one picture: its rows one below the other, cut to the first ones. Those that
  /// are kept have a green frame.
  package func picture(_ pictures: SheetPictures) -> RGBImage {
    let rows = Array(sections.flatMap(\.shown).prefix(Self.most.rows))
    let columns = min(Self.most.columns, max(1, rows.map(\.cells.count).max() ?? 1))
    let pitch = SheetPictures.side + 2 * Self.gap
    let (width, height) = (columns * pitch, max(1, rows.count) * pitch)
    var canvas = RGBImage(
      width: width, height: height,
      pixels: [UInt8](repeating: 255, count: width * height * 3))
    for (y, row) in rows.enumerated() {
      for (x, cell) in row.cells.prefix(columns).enumerated() {
        guard let picture = pictures[cell.image] else { continue }
        let (left, top) = (
          x * pitch + (pitch - picture.width) / 2, y * pitch + (pitch - picture.height) / 2
        )
        if cell.isKept {
          canvas.fill(
            left: left - 3, top: top - 3, width: picture.width + 6, height: picture.height + 6,
            (10, 122, 60))
        }
        canvas.paste(picture, left: left, top: top)
      }
    }
    return canvas
  }
}

extension RGBImage {
  fileprivate mutating func fill(
    left: Int, top: Int, width: Int, height: Int, _ colour: (UInt8, UInt8, UInt8)
  ) {
    for y in top..<top + height {
      for x in left..<left + width {
        let at = 3 * (y * self.width + x)
        (pixels[at], pixels[at + 1], pixels[at + 2]) = colour
      }
    }
  }

  fileprivate mutating func paste(_ picture: RGBImage, left: Int, top: Int) {
    for y in 0..<picture.height {
      let from = 3 * y * picture.width
      let to = 3 * ((top + y) * width + left)
      pixels.replaceSubrange(
        to..<to + 3 * picture.width, with: picture.pixels[from..<from + 3 * picture.width])
    }
  }
}
