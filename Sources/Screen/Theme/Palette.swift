/// How many colours a terminal has, and the way down from a theme's colour to one of them.
package enum Palette: Equatable, Sendable {
  /// No colour: roles show as bold, dim and reverse.
  case none
  case eight, sixteen, xterm256
  /// Any colour, given as 0xrrggbb.
  case direct

  /// The number that the terminal knows the nearest colour by; -1 for its own.
  ///
  /// A foreground never falls on the colour of its background (`avoiding`, a number that this
  /// function gave): the second nearest is taken then.
  package func number(_ colour: Colour, avoiding background: Int32? = nil) -> Int32 {
    guard self != .none, let components = colour.components else { return -1 }
    if self == .direct {
      let (red, green, blue) = (Int32(components.x), Int32(components.y), Int32(components.z))
      // ncurses takes 0 to 7 for the terminal's own colours.
      let number = red << 16 | green << 8 | blue
      return number > 0 && number < 8 ? 8 : number
    }
    if case .index(let index) = colour, self == .xterm256 || index < count {
      return Int32(index)
    }
    // The first sixteen of a 256-colour terminal are the user's own, so nobody knows how they look.
    let candidates = self == .xterm256 ? 16..<256 : 0..<count
    let ranked = candidates.lazy.filter { Int32($0) != background }
    return Int32(
      ranked.min { Self.distance(components, $0) < Self.distance(components, $1) } ?? 7)
  }

  private var count: Int {
    switch self {
    case .none: 0
    case .eight: 8
    case .sixteen: 16
    case .xterm256: 256
    case .direct: 1 << 24
    }
  }

  /// Squared distance, weighted by what the eye sees (the "redmean" approximation).
  private static func distance(_ colour: SIMD3<Float>, _ index: Int) -> Float {
    let other = Colour.xterm[index]
    let difference = colour - other
    let red = (colour.x + other.x) / 2
    let weights = SIMD3<Float>(2 + red / 256, 4, 2 + (255 - red) / 256)
    return (weights * difference * difference).sum()
  }
}
