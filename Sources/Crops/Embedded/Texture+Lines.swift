extension Texture {
  private typealias Math = TextureMath

  /// Patterns made of lines that run across the picture.
  static let lines = [
    Texture("stripes", period: 0.95) { u, _, _ in
      Math.inside(Math.triangle(u) - 0.25)
    },
    Texture("chevrons", period: 1.1) { u, v, _ in
      Math.inside(Math.triangle(v + Math.triangle(u * 0.7) * 1.5) - 0.25)
    },
    Texture("wood", period: 1) { u, v, seed in
      let bend = Math.noise(u * 0.45, v * 0.3, seed) * 3
      return Math.fraction(u * 0.6 + bend)
    },
    Texture("maze", period: 0.85) { u, v, seed in
      // Truchet tiles: two quarter circles on each tile, turned at random.
      let column = Math.floor(u)
      let row = Math.floor(v)
      let turned = Math.lattice(column, row, seed) .< 0.5
      let across = u - column
      let x = across.replacing(with: 1 - across, where: turned)
      let y = v - row
      let (left, up) = (1 - x, 1 - y)
      let near = (x * x + y * y).squareRoot()
      let far = (left * left + up * up).squareRoot()
      let distance: Lanes = Math.absolute(Math.lesser(near, far) - 0.5)
      return Math.inside(0.17 - distance)
    },
  ]
}
