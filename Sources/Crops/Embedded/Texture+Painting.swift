import Images

extension Texture {
  /// The texture as a picture of `size` pixels a side.
  ///
  /// The pattern is standardised to mean 0 and deviation 1 before it is coloured, so that neither
  /// brightness nor contrast tells a class.
  func painting(_ look: TextureLook, size: Int) -> RGBImage {
    let lanes = Lanes.scalarCount
    let vectors = (size + lanes - 1) / lanes
    var pixels = [UInt8](repeating: 0, count: size * size * 3)
    withUnsafeTemporaryAllocation(of: Lanes.self, capacity: vectors * size) { pattern in
      draw(look, size: size, vectors: vectors, into: pattern)
      let (mean, deviation) = moments(pattern, size: size, vectors: vectors)
      pixels.withUnsafeMutableBufferPointer { pixels in
        colour(
          look, size: size, vectors: vectors, mean: mean, scale: 1 / max(deviation, 1e-3),
          from: pattern, into: pixels)
      }
    }
    return RGBImage(width: size, height: size, pixels: pixels)
  }

  /// The bare pattern: `vectors` of sixteen pixels a row, the last one beyond the border perhaps.
  private func draw(
    _ look: TextureLook, size: Int, vectors: Int, into pattern: UnsafeMutableBufferPointer<Lanes>
  ) {
    let across = look.across / period
    let down = look.down / period
    for y in 0..<size {
      let fy = Float(y)
      for vector in 0..<vectors {
        let x = Lanes.count + Float(vector * Lanes.scalarCount)
        let bendU = TextureMath.wave(
          Lanes(repeating: fy * look.bendFrequency.x + look.bendPhase.x))
        let bendV = TextureMath.wave(x * look.bendFrequency.y + look.bendPhase.y)
        let u = x * across.x + (fy * across.y + look.phase.x) + bendU * look.bend.x
        let v = x * down.x + (fy * down.y + look.phase.y) + bendV * look.bend.y
        pattern[y * vectors + vector] = field(u, v, look.seed)
      }
    }
  }

  private func moments(
    _ pattern: UnsafeMutableBufferPointer<Lanes>, size: Int, vectors: Int
  ) -> (mean: Float, deviation: Float) {
    var sum = Lanes.zero
    var squares = Lanes.zero
    for y in 0..<size {
      for vector in 0..<vectors {
        let inside = Lanes.count + Float(vector * Lanes.scalarCount) .< Float(size)
        let value = Lanes.zero.replacing(with: pattern[y * vectors + vector], where: inside)
        sum += value
        squares += value * value
      }
    }
    let count = Float(size * size)
    let mean = sum.sum() / count
    return (mean, max(squares.sum() / count - mean * mean, 0).squareRoot())
  }

  private func colour(
    _ look: TextureLook, size: Int, vectors: Int, mean: Float, scale: Float,
    from pattern: UnsafeMutableBufferPointer<Lanes>, into pixels: UnsafeMutableBufferPointer<UInt8>
  ) {
    let values = UnsafeMutableRawBufferPointer(pattern).bindMemory(to: Float.self)
    let centre = Float(size - 1) / 2
    for y in 0..<size {
      let rowLight = (Float(y) - centre) / centre * look.light.y
      for x in 0..<size {
        let value = (values[y * vectors * Lanes.scalarCount + x] - mean) * scale
        let light = rowLight + (Float(x) - centre) / centre * look.light.x
        let at = (y * size + x) * 3
        for channel in 0..<3 {
          let level = look.middle[channel] + light + value * look.swing[channel]
          pixels[at + channel] = UInt8(min(max(level, 0), 255))
        }
      }
    }
  }
}

extension SIMD16<Float> {
  /// 0, 1, … 15.
  @inline(__always)
  static var count: Self { Self(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15) }
}
