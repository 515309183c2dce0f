import Images

extension Texture {
  /// Paints the texture as an image of `size` pixels a side.
  ///
  /// The pattern is standardised to mean 0 and standard deviation 1 before it is coloured, so that
  /// neither brightness nor contrast reveals the class.
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

  /// Computes the pattern, `vectors` vectors of sixteen pixels a row. The last of them may extend
  /// beyond the border.
  private func draw(
    _ look: TextureLook, size: Int, vectors: Int, into pattern: UnsafeMutableBufferPointer<Lanes>
  ) {
    let across = look.across / period
    let down = look.down / period
    for y in 0..<size {
      for vector in 0..<vectors {
        let x = Lanes.count + Float(vector * Lanes.scalarCount)
        let y = Lanes(repeating: Float(y))
        let bendU = look.bendU.value(x, y)
        let bendV = look.bendV.value(x, y)
        let u = x * across.x + y * across.y + (bendU + look.phase.x)
        let v = x * down.x + y * down.y + (bendV + look.phase.y)
        pattern[Int(y[0]) * vectors + vector] = field(u, v, look.seed)
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
    for y in 0..<size {
      let fy = Lanes(repeating: Float(y))
      for vector in 0..<vectors {
        let first = vector * Lanes.scalarCount
        let light = look.light.value(Lanes.count + Float(first), fy)
        let value = (pattern[y * vectors + vector] - mean) * scale
        for channel in 0..<3 {
          let level = light + (value * look.swing[channel] + look.middle[channel])
          let bytes = TextureMath.bytes(level)
          for lane in 0..<min(Lanes.scalarCount, size - first) {
            pixels[(y * size + first + lane) * 3 + channel] = bytes[lane]
          }
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
