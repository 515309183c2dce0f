extension Texture {
  private typealias Math = TextureMath

  /// Patterns without a visible lattice.
  static let random = [
    Texture("blobs", period: 0.9) { u, v, seed in
      Math.inside(Math.noise(u, v, seed) - 0.5, softness: 0.1)
    },
    Texture("cracks", period: 1.3) { u, v, seed in
      // Edges of a Voronoi diagram: the two nearest of scattered points have the same distance.
      let column = Math.floor(u)
      let row = Math.floor(v)
      var nearest = Lanes(repeating: 9)
      var second = nearest
      for dy in stride(from: Float(-1), through: 1, by: 1) {
        for dx in stride(from: Float(-1), through: 1, by: 1) {
          let cx = column + dx
          let cy = row + dy
          let x = cx + 0.1 + 0.8 * Math.lattice(cx, cy, seed) - u
          let y = cy + 0.1 + 0.8 * Math.lattice(cx, cy, seed &+ 0x51ed) - v
          let distance = x * x + y * y
          second = Math.lesser(second, Math.greater(nearest, distance))
          nearest = Math.lesser(nearest, distance)
        }
      }
      return Math.inside(0.11 - (second.squareRoot() - nearest.squareRoot()))
    },
    Texture("clouds", period: 2.2) { u, v, seed in
      Math.noise(u, v, seed) + 0.5 * Math.noise(u * 2.03, v * 2.03, seed &+ 1)
        + 0.25 * Math.noise(u * 4.1, v * 4.1, seed &+ 2)
    },
    Texture("grain", period: 0.22) { u, v, seed in
      Math.noise(u, v, seed)
    },
  ]
}
