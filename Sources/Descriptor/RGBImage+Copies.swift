import Images

#if canImport(Glibc)
  import Glibc
#endif

// What is done to images when they are copied. Images are square.

extension RGBImage {
  /// A square of one colour.
  init(side: Int, colour: [UInt8]) {
    self.init(
      width: side, height: side,
      pixels: Array(repeatElement(colour, count: side * side).joined()))
  }

  /// Puts a picture, which must fit, on the image.
  mutating func paste(_ picture: RGBImage, left: Int, top: Int) {
    precondition(left + picture.width <= width && top + picture.height <= height)
    for row in 0..<picture.height {
      let to = ((top + row) * width + left) * 3
      let from = row * picture.width * 3
      pixels.replaceSubrange(
        to..<to + picture.width * 3, with: picture.pixels[from..<from + picture.width * 3])
    }
  }

  /// The image turned by a number of right angles.
  func quarterTurned(_ count: Int) -> RGBImage {
    var turned = self
    for _ in 0..<count % 4 {
      let from = turned
      turned.setPixels { x, y in from.pixel(y, width - 1 - x) }
    }
    return turned
  }

  /// The image turned about its centre; corners get a colour.
  ///
  /// - Parameter angle: in radians.
  func turned(by angle: Float, fill: [UInt8]) -> RGBImage {
    let (c, s) = (cosf(angle), sinf(angle))
    let middle = Float(width - 1) / 2
    let fill = SIMD3(fill[0], fill[1], fill[2])
    var turned = self
    turned.setPixels { x, y in
      let (dx, dy) = (Float(x) - middle, Float(y) - middle)
      let (u, v) = (middle + c * dx + s * dy, middle - s * dx + c * dy)
      return blended(u, v) ?? fill
    }
    return turned
  }

  /// The colour between four pixels; `nil` outside of the image.
  private func blended(_ x: Float, _ y: Float) -> SIMD3<UInt8>? {
    let (left, top) = (Int(x.rounded(.down)), Int(y.rounded(.down)))
    guard left >= 0, top >= 0, left + 1 < width, top + 1 < height else { return nil }
    let (fx, fy) = (x - Float(left), y - Float(top))
    func value(_ dx: Int, _ dy: Int) -> SIMD3<Float> {
      SIMD3<Float>(pixel(left + dx, top + dy))
    }
    let upper = value(0, 0) * (1 - fx) + value(1, 0) * fx
    let lower = value(0, 1) * (1 - fx) + value(1, 1) * fx
    let mixed = upper * (1 - fy) + lower * fy
    return SIMD3<UInt8>(mixed.rounded(.toNearestOrEven))
  }

  private func pixel(_ x: Int, _ y: Int) -> SIMD3<UInt8> {
    let at = (y * width + x) * 3
    return SIMD3(pixels[at], pixels[at + 1], pixels[at + 2])
  }

  private mutating func setPixels(_ colour: (_ x: Int, _ y: Int) -> SIMD3<UInt8>) {
    for y in 0..<height {
      for x in 0..<width {
        let value = colour(x, y)
        for channel in 0..<3 { pixels[(y * width + x) * 3 + channel] = value[channel] }
      }
    }
  }
}
