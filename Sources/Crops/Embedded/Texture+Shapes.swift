extension Texture {
  private typealias Math = TextureMath

  /// Patterns of one shape, repeated on a lattice.
  static let shapes = [
    Texture("dots", period: 1) { u, v, _ in
      let (x, y) = hexagonal(u, v)
      return Math.inside(0.3 - (x * x + y * y).squareRoot())
    },
    Texture("rings", period: 1.5) { u, v, _ in
      let (x, y) = hexagonal(u, v)
      return Math.inside(0.09 - Math.absolute((x * x + y * y).squareRoot() - 0.33))
    },
    Texture("crosses", period: 1.5) { u, v, _ in
      let row = Math.floor(v)
      let x = Math.absolute(Math.fraction(u + row * 0.5) - 0.5)
      let y = Math.absolute(v - row - 0.5)
      let arm = Math.inside(0.11 - Math.lesser(x, y), softness: 0.08)
      return arm * Math.inside(0.4 - Math.greater(x, y), softness: 0.08)
    },
  ]
}
