extension Texture {
  private typealias Math = TextureMath

  /// Patterns that cover the plane with equal tiles.
  static let tiles = [
    Texture("checks", period: 1.3) { u, v, _ in
      let x = Math.triangle(u) - 0.25
      let y = Math.triangle(v) - 0.25
      return Math.inside(x * y * 4, softness: 0.08)
    },
    Texture("bricks", period: 1.05) { u, v, _ in
      let row = Math.floor(v * 1.3)
      let joint = Math.triangle(u * 0.65 + row * 0.5) * (1 / 0.65)
      let bed = Math.triangle(v * 1.3) * (1 / 1.3)
      return Math.inside(0.09 - Math.lesser(joint, bed))
    },
    Texture("honeycomb", period: 1.25) { u, v, _ in
      let (x, y) = hexagonal(u, v)
      let side = Math.absolute(x) * 0.5 + Math.absolute(y) * 0.866_025
      return Math.inside(0.09 - (0.5 - Math.greater(Math.absolute(x), side)))
    },
    Texture("weave", period: 1.5) { u, v, _ in
      let column = Math.floor(u)
      let row = Math.floor(v)
      let upright = Math.triangle((column + row) * 0.5) .> 0.25
      let along = u.replacing(with: v, where: upright)
      return Math.inside(Math.triangle(along * 3) - 0.25, softness: 0.15)
    },
    Texture("scales", period: 1.35) { u, v, _ in
      // Rows of discs, each row on top of the one above: the lowest disc that covers a point is
      // visible.
      let row = Math.floor(v * 2)
      var value = Lanes(repeating: 0)
      for below in stride(from: Float(-1), through: 1, by: 1) {
        let centre = row + below
        let x = Math.fraction(u + centre * 0.5) - 0.5
        let y = v - centre * 0.5
        let distance = (x * x + y * y).squareRoot()
        value.replace(with: distance * 2, where: distance .< 0.52)
      }
      return value * value
    },
  ]

  /// Returns the offset of a point from the nearest centre of a hexagonal lattice with distance
  /// one.
  @inline(__always)
  static func hexagonal(_ u: Lanes, _ v: Lanes) -> (x: Lanes, y: Lanes) {
    let height: Float = 1.732_051
    let x0 = Math.fraction(u) - 0.5
    let y0 = (Math.fraction(v * (1 / height)) - 0.5) * height
    let x1 = Math.fraction(u + 0.5) - 0.5
    let y1 = (Math.fraction(v * (1 / height) + 0.5) - 0.5) * height
    let second = x1 * x1 + y1 * y1 .< x0 * x0 + y0 * y0
    return (x0.replacing(with: x1, where: second), y0.replacing(with: y1, where: second))
  }
}
