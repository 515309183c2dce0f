import Support

extension Canvas {
  /// Returns the grid as an SVG picture in a theme's colours.
  ///
  /// Braille, blocks and the lines of boxes are drawn as shapes, so that charts and frames close up with
  /// any font. A theme that leaves a colour to the terminal gets a dark one.
  package func svg(_ theme: Theme) -> String {
    var picture = SVGPicture(size: size, background: theme.hex(.background, else: "#16181d"))
    for y in 0..<size.height {
      var x = 0
      while x < size.width {
        let cell = self[x, y]
        if let pixels = cell.style.pixels {
          picture.draw(pixels, x, y)
          x += 1
          continue
        }
        let (ink, paper) = theme.colours(of: cell.style)
        if let paper { picture.fill(x, y, paper) }
        if cell.glyph == " " || cell.glyph == Cell.continuation {
          x += 1
        } else if picture.draw(cell.glyph, x, y, ink) {
          x += 1
        } else {
          // Neighbours of the same style are one text.
          var end = x
          var text = ""
          while end < size.width, self[end, y].style == cell.style,
            !SVGPicture.isShape(self[end, y].glyph), self[end, y].glyph != " "
          {
            if self[end, y].glyph != Cell.continuation {
              text.unicodeScalars.append(self[end, y].glyph)
            }
            if end > x, let paper { picture.fill(end, y, paper) }
            end += 1
          }
          picture.write(
            text, x, y, columns: end - x, ink, isBold: cell.style.attributes.contains(.bold))
          x = max(end, x + 1)
        }
      }
    }
    return picture.text
  }
}

extension Colour {
  /// The colour as SVG has it; `nil` for the terminal's default.
  fileprivate var hex: String? {
    components.map { parts in
      "#" + [parts.x, parts.y, parts.z].map { Format.printf("%02x", Int($0)) }.joined()
    }
  }
}

extension Theme {
  /// Returns the colour of a role as SVG has it.
  fileprivate func hex(_ role: Role, else standard: String) -> String {
    self[role].hex ?? standard
  }

  /// Returns the colours of glyph and ground; that of the ground is `nil` if it is the picture's.
  fileprivate func colours(of style: Style) -> (ink: String, paper: String?) {
    var (ink, paper) = (hex(style.foreground, else: "#d5d8df"), Optional<String>.none)
    if style.background != .background { paper = hex(style.background, else: "#3b4252") }
    if style.attributes.contains(.reverse) {
      (ink, paper) = (paper ?? hex(.background, else: "#16181d"), ink)
    }
    return (ink, paper)
  }
}

/// A picture that is put together from rectangles, strokes and text.
private struct SVGPicture {
  private static let (width, height, font) = (9.0, 18.0, 15.0)
  private let size: Size
  private let background: String
  /// The outlines of filled shapes and of strokes, by colour.
  private var fills: [String: String] = [:]
  private var strokes: [String: String] = [:]
  private var texts = ""

  init(size: Size, background: String) {
    (self.size, self.background) = (size, background)
  }

  mutating func fill(_ x: Int, _ y: Int, _ colour: String) {
    add(rectangle(Double(x), Double(y), 1, 1), to: \.fills, colour)
  }

  /// Draws two pixels, one above the other.
  mutating func draw(_ pixels: Style.Pixels, _ x: Int, _ y: Int) {
    for (colour, part) in [(pixels.upper, 0.0), (pixels.lower, 0.5)] {
      add(rectangle(Double(x), Double(y) + part, 1, 0.5), to: \.fills, colour.hex ?? background)
    }
  }

  mutating func write(
    _ text: String, _ x: Int, _ y: Int, columns: Int, _ colour: String, isBold: Bool
  ) {
    let escaped = text.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
      .replacing(">", with: "&gt;")
    texts +=
      "<text x=\"\(Self.number(Double(x) * Self.width))\" "
      + "y=\"\(Self.number((Double(y) + 0.75) * Self.height))\" "
      + "textLength=\"\(Self.number(Double(columns) * Self.width))\" fill=\"\(colour)\""
      + (isBold ? " font-weight=\"bold\"" : "") + ">\(escaped)</text>\n"
  }

  /// The ends of the lines of a box's glyph: left, right, up, down.
  private static let lines: [Unicode.Scalar: (Bool, Bool, Bool, Bool)] = [
    "─": (true, true, false, false), "━": (true, true, false, false),
    "│": (false, false, true, true), "┊": (false, false, true, true),
    "╭": (false, true, false, true), "╮": (true, false, false, true),
    "╰": (false, true, true, false), "╯": (true, false, true, false),
    "├": (false, true, true, true), "┤": (true, false, true, true),
    "┬": (true, true, false, true), "┴": (true, true, true, false),
    "└": (false, true, true, false),
  ]

  static func isShape(_ glyph: Unicode.Scalar) -> Bool {
    lines[glyph] != nil || (0x2581...0x2593).contains(glyph.value) && glyph.value != 0x2590
      || (0x2800...0x28FF).contains(glyph.value)
  }

  /// Draws a glyph as a shape. Returns `false` if it is none.
  mutating func draw(_ glyph: Unicode.Scalar, _ x: Int, _ y: Int, _ colour: String) -> Bool {
    let (left, top) = (Double(x), Double(y))
    if (0x2800...0x28FF).contains(glyph.value) {
      // The bits of braille: two columns of three dots, and then the fourth row.
      let places = [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3)]
      for (bit, place) in places.enumerated() where glyph.value >> UInt32(bit) & 1 == 1 {
        add(
          rectangle(
            left + Double(place.0) / 2 + 0.08, top + Double(place.1) / 4 + 0.04, 0.36, 0.18),
          to: \.fills, colour)
      }
      return true
    }
    if (0x2581...0x2588).contains(glyph.value) {
      let part = Double(glyph.value - 0x2580) / 8
      add(rectangle(left, top + 1 - part, 1, part), to: \.fills, colour)
      return true
    }
    if (0x2589...0x258F).contains(glyph.value) {
      add(rectangle(left, top, Double(0x2590 - glyph.value) / 8, 1), to: \.fills, colour)
      return true
    }
    if (0x2591...0x2593).contains(glyph.value) {
      // Shades, from a quarter to three quarters.
      let part = Double(glyph.value - 0x2590) / 4
      add(rectangle(left, top + (1 - part) / 2, 1, part), to: \.fills, colour)
      return true
    }
    guard let ends = Self.lines[glyph] else { return false }
    let middle = (left + 0.5, top + 0.5)
    let targets = [
      (ends.0, (left, middle.1)), (ends.1, (left + 1, middle.1)), (ends.2, (middle.0, top)),
      (ends.3, (middle.0, top + 1)),
    ]
    for (has, target) in targets where has {
      add("M\(point(middle))L\(point(target))", to: \.strokes, colour)
    }
    return true
  }

  private mutating func add(
    _ path: String, to paths: WritableKeyPath<SVGPicture, [String: String]>, _ colour: String
  ) {
    self[keyPath: paths][colour, default: ""] += path
  }

  private func rectangle(_ x: Double, _ y: Double, _ width: Double, _ height: Double) -> String {
    "M\(point((x, y)))h\(Self.number(width * Self.width))v\(Self.number(height * Self.height))"
      + "h\(Self.number(-width * Self.width))z"
  }

  private func point(_ place: (Double, Double)) -> String {
    "\(Self.number(place.0 * Self.width)) \(Self.number(place.1 * Self.height))"
  }

  private static func number(_ value: Double) -> String {
    Format.plain((value * 100).rounded() / 100)
  }

  /// The picture as a file's contents.
  var text: String {
    let (width, height) = (Double(size.width) * Self.width, Double(size.height) * Self.height)
    func paths(_ parts: [String: String], _ attribute: String) -> String {
      parts.sorted { $0.key < $1.key }
        .map { "<path d=\"\($1)\" \(attribute)=\"\($0)\"/>\n" }.joined()
    }
    let frame = "-10 -10 \(Self.number(width + 20)) \(Self.number(height + 20))"
    return """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="\(frame)" font-size="\(Self.number(Self.font))" \
      font-family="'JetBrains Mono','DejaVu Sans Mono','Liberation Mono',Menlo,Consolas,monospace">
      <rect x="-10" y="-10" width="100%" height="100%" fill="\(background)" rx="6"/>
      \(paths(fills, "fill"))<g fill="none" stroke-width="1.2">
      \(paths(strokes, "stroke"))</g>
      <g xml:space="preserve">
      \(texts)</g>
      </svg>

      """
  }
}
