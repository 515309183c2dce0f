/// How many colours a terminal has, and the way down from a theme's colour to one of them.
package enum Palette: Equatable, Sendable, CaseIterable {
  /// No colour: roles show as bold, dim and reverse.
  case none
  case eight, sixteen, xterm256
  /// Any colour, given as 0xrrggbb.
  case direct
}

extension Palette {
  /// What a terminal is told for a style: the numbers of two colours, -1 for its own, and
  /// attributes.
  package struct Look: Equatable, Hashable, Sendable {
    package var foreground: Int32
    package var background: Int32
    package var attributes: Attributes
  }

  /// A style in a theme. Text never falls on the colour of what it stands on, but for a role on its
  /// own colour, which is meant to be unseen.
  package func look(of style: Style, in theme: Theme) -> Look {
    var attributes = style.attributes
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
      // The bright ones are bold; bright black, unseen on many terminals, is a dim white.
      if foreground == 8 { (foreground, attributes) = (7, attributes.union(.dim)) }
      if foreground > 8 { (foreground, attributes) = (foreground - 8, attributes.union(.bold)) }
      if background >= 8 { background = background == 8 ? page : background - 8 }
    }
    return Look(foreground: foreground, background: background, attributes: attributes)
  }

  /// The number of the nearest colour, -1 for the terminal's own. `avoiding` is a number that is
  /// taken already: the second nearest comes in its place. Of eight colours it tells sixteen.
  package func number(_ colour: Colour, avoiding taken: Int32? = nil) -> Int32 {
    guard self != .none, let wanted = colour.components else { return -1 }
    switch self {
    case .direct:
      let number = Int32(wanted.x) << 16 | Int32(wanted.y) << 8 | Int32(wanted.z)
      // ncurses takes 1 to 7 for the terminal's own colours.
      return (1..<8).contains(number) ? 8 : number
    case .xterm256:
      if case .index(let index) = colour { return Int32(index) }
      // How the first sixteen look is the user's own affair.
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

  /// Squared distance, weighted by what the eye sees (the "redmean" approximation).
  private static func distance(_ wanted: SIMD3<Float>, _ index: Int) -> Float {
    let other = Colour.xterm[index]
    let difference = wanted - other
    let red = (wanted.x + other.x) / 2
    let weights = SIMD3<Float>(2 + red / 256, 4, 2 + (255 - red) / 256)
    return (weights * difference * difference).sum()
  }

  /// Those of the sixteen that may stand for a colour: greys for greys, hues for hues, since a
  /// faint blue line must not turn red for want of a dark grey.
  private static func named(like wanted: SIMD3<Float>) -> [Int] {
    wanted.max() - wanted.min() < 40 ? [0, 7, 8, 15] : [1, 2, 3, 4, 5, 6, 9, 10, 11, 12, 13, 14]
  }

  /// Degrees of hue, and a little for brightness.
  private static func difference(_ wanted: SIMD3<Float>, _ index: Int) -> Float {
    let other = Colour.xterm[index]
    let turn = abs(hue(wanted) - hue(other))
    return min(turn, 360 - turn) + 0.2 * abs(brightness(wanted) - brightness(other))
  }

  private static func brightness(_ colour: SIMD3<Float>) -> Float {
    (colour * SIMD3(0.299, 0.587, 0.114)).sum()
  }

  /// 0 for red and for greys, 120 for green, 240 for blue.
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
