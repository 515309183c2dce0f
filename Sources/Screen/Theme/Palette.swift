/// The colours that a terminal has, with the conversion of a theme's colours to them.
package enum Palette: Equatable, Sendable, CaseIterable {
  /// No colours. Roles are shown as bold, dim and reverse.
  case none
  case eight, sixteen, xterm256
  /// Any colour, given as 0xrrggbb.
  case direct
}

extension Palette {
  /// The colours and attributes of a style on a terminal. -1 is the terminal's default colour.
  package struct Look: Equatable, Hashable, Sendable {
    /// The numbers of the two colours.
    package var foreground: Int32
    package var background: Int32
    /// The attributes.
    package var attributes: Attributes
  }

  /// Returns the appearance of a style in a theme.
  /// If the palette would give text the colour of its background, the second nearest colour is
  /// used, unless both have the same role: then the text is meant to be invisible.
  package func look(of style: Style, in theme: Theme) -> Look {
    var attributes = style.attributes
    if let pixels = style.pixels, self != .none {
      return Look(
        foreground: pixel(pixels.upper), background: pixel(pixels.lower), attributes: attributes)
    }
    guard self != .none else {
      attributes.formUnion(style.foreground.attributes)
      if style.background == .selection { attributes.insert(.reverse) }
      return Look(foreground: -1, background: -1, attributes: attributes)
    }
    let page = number(theme[.background])
    var background =
      style.background == .background ? page : number(theme[style.background], avoiding: page)
    var foreground =
      style.foreground == style.background
      ? background : number(theme[style.foreground], avoiding: background)
    if self == .eight {
      // The bright colours are shown as bold. Bright black is invisible on many terminals, so it is
      // shown as dim white.
      if foreground == 8 { (foreground, attributes) = (7, attributes.union(.dim)) }
      if foreground > 8 { (foreground, attributes) = (foreground - 8, attributes.union(.bold)) }
      if background >= 8 { background = background == 8 ? page : background - 8 }
    }
    return Look(foreground: foreground, background: background, attributes: attributes)
  }

  /// Returns the number of a pixel's colour. Of eight colours there are no bright ones.
  private func pixel(_ colour: Colour) -> Int32 {
    let number = number(colour)
    return self == .eight && number >= 8 ? number - 8 : number
  }

  /// Returns the number of the nearest colour, or -1 for the terminal's default.
  /// If the nearest is `taken`, the second nearest is returned. A terminal with eight colours gets
  /// the numbers of sixteen.
  package func number(_ colour: Colour, avoiding taken: Int32? = nil) -> Int32 {
    guard self != .none, let wanted = colour.components else { return -1 }
    switch self {
    case .direct:
      let number = Int32(wanted.x) << 16 | Int32(wanted.y) << 8 | Int32(wanted.z)
      // ncurses interprets 1 to 7 as the terminal's own colours.
      return (1..<8).contains(number) ? 8 : number
    case .xterm256:
      if case .index(let index) = colour { return Int32(index) }
      // The first sixteen are excluded, since users can redefine them.
      return Self.nearest(of: 16..<256, avoiding: taken) { Self.distance(wanted, $0) }
    default:
      if case .index(let index) = colour, index < 16 { return Int32(index) }
      return Self.nearest(of: Self.named(like: wanted), avoiding: taken) {
        Self.difference(wanted, $0)
      }
    }
  }

  private static func nearest(
    of candidates: some Sequence<Int>, avoiding taken: Int32?, by distance: (Int) -> Float
  ) -> Int32 {
    Int32(
      candidates.filter { Int32($0) != taken }.min { distance($0) < distance($1) } ?? 7)
  }

  /// Returns the squared distance, weighted by the eye's sensitivity (the "redmean" approximation).
  private static func distance(_ wanted: SIMD3<Float>, _ index: Int) -> Float {
    let other = Colour.xterm[index]
    let difference = wanted - other
    let red = (wanted.x + other.x) / 2
    let weights = SIMD3<Float>(2 + red / 256, 4, 2 + (255 - red) / 256)
    return (weights * difference * difference).sum()
  }

  /// Returns the indices of the named colours that may replace a colour: greys for greys, hues for
  /// hues. Otherwise a faint blue line could turn red for lack of a dark grey.
  private static func named(like wanted: SIMD3<Float>) -> [Int] {
    wanted.max() - wanted.min() < 40 ? [0, 7, 8, 15] : [1, 2, 3, 4, 5, 6, 9, 10, 11, 12, 13, 14]
  }

  /// Returns the difference in hue in degrees, plus a small weight of the brightness.
  private static func difference(_ wanted: SIMD3<Float>, _ index: Int) -> Float {
    let other = Colour.xterm[index]
    let turn = abs(hue(wanted) - hue(other))
    return min(turn, 360 - turn) + 0.2 * abs(brightness(wanted) - brightness(other))
  }

  private static func brightness(_ colour: SIMD3<Float>) -> Float {
    (colour * SIMD3(0.299, 0.587, 0.114)).sum()
  }

  /// Returns the hue in degrees: 0 for red and for greys, 120 for green, 240 for blue.
  private static func hue(_ colour: SIMD3<Float>) -> Float {
    let (high, low) = (colour.max(), colour.min())
    guard high > low else { return 0 }
    let (red, green, blue) = (colour.x, colour.y, colour.z)
    let part =
      high == red
      ? (green - blue) / (high - low)
      : high == green ? 2 + (blue - red) / (high - low) : 4 + (red - green) / (high - low)
    return part < 0 ? part * 60 + 360 : part * 60
  }
}
