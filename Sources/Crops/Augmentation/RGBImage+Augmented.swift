import Images

/// The changes as PIL computes them on images of 8 bits.
extension RGBImage: AugmentedImage {
  package mutating func flip() {
    let width = width
    pixels.withUnsafeMutableBufferPointer { pixels in
      for row in 0..<pixels.count / (3 * width) {
        var (left, right) = (row * width * 3, (row * width + width - 1) * 3)
        while left < right {
          for channel in 0..<3 { pixels.swapAt(left + channel, right + channel) }
          left += 3
          right -= 3
        }
      }
    }
  }

  package mutating func flipVertically() {
    let (stride, height) = (3 * width, height)
    pixels.withUnsafeMutableBufferPointer { pixels in
      for row in 0..<height / 2 {
        let other = (height - 1 - row) * stride
        for at in 0..<stride { pixels.swapAt(row * stride + at, other + at) }
      }
    }
  }

  package mutating func turn(quarters: Int) {
    let (side, old) = (width, pixels)
    pixels.withUnsafeMutableBufferPointer { pixels in
      QuarterTurn.forEach(quarters, side: side) { to, from in
        for channel in 0..<3 { pixels[3 * to + channel] = old[3 * from + channel] }
      }
    }
  }

  package mutating func changeColours(by factors: SIMD3<Float>) {
    pixels.withUnsafeMutableBufferPointer { pixels in
      for i in stride(from: 0, to: pixels.count, by: 3) {
        for channel in 0..<3 {
          let value = Float(pixels[i + channel]) * factors[channel]
          pixels[i + channel] = UInt8(min(value, 255).rounded())
        }
      }
    }
  }

  package mutating func blur(sigma: Float) {
    let size = size
    pixels.withUnsafeMutableBufferPointer {
      GaussianBlur.apply($0, size: size, channels: 3, sigma: sigma)
    }
  }

  /// Multiplies all values by a factor.
  package mutating func changeBrightness(by factor: Float) {
    map(Self.table { Self.blend(0, $0, factor) })
  }

  /// Moves all values away from the mean grey of the image, or towards it.
  package mutating func changeContrast(by factor: Float) {
    var sum = 0
    pixels.withUnsafeBufferPointer { pixels in
      for i in stride(from: 0, to: pixels.count, by: 3) {
        sum += Int(Self.luma(pixels[i], pixels[i + 1], pixels[i + 2]))
      }
    }
    let mean = Int(Double(sum) / Double(width * height) + 0.5)
    map(Self.table { Self.blend(UInt8(mean), $0, factor) })
  }

  /// Moves each pixel away from its own grey, or towards it.
  package mutating func changeSaturation(by factor: Float) {
    pixels.withUnsafeMutableBufferPointer { pixels in
      for i in stride(from: 0, to: pixels.count, by: 3) {
        let grey = Self.luma(pixels[i], pixels[i + 1], pixels[i + 2])
        for channel in i..<i + 3 { pixels[channel] = Self.blend(grey, pixels[channel], factor) }
      }
    }
  }

  /// Rotates the hue by `factor` of the colour circle.
  package mutating func changeHue(by factor: Float) {
    let turn = UInt8(truncatingIfNeeded: Int32(Double(factor) * 255))
    pixels.withUnsafeMutableBufferPointer { pixels in
      for i in stride(from: 0, to: pixels.count, by: 3) {
        var color = HSV(red: pixels[i], green: pixels[i + 1], blue: pixels[i + 2])
        color.hue &+= turn
        (pixels[i], pixels[i + 1], pixels[i + 2]) = color.rgb
      }
    }
  }

  /// Replaces each pixel by its grey.
  package mutating func makeGrey() {
    pixels.withUnsafeMutableBufferPointer { pixels in
      for i in stride(from: 0, to: pixels.count, by: 3) {
        let grey = Self.luma(pixels[i], pixels[i + 1], pixels[i + 2])
        for channel in i..<i + 3 { pixels[channel] = grey }
      }
    }
  }

  /// Inverts all values that are at least 128.
  package mutating func solarise() {
    map(Self.table { $0 < 128 ? $0 : 255 - $0 })
  }

  private static func table(_ change: (UInt8) -> UInt8) -> [UInt8] {
    (0..<256).map { change(UInt8($0)) }
  }

  private mutating func map(_ table: [UInt8]) {
    table.withUnsafeBufferPointer { table in
      pixels.withUnsafeMutableBufferPointer { pixels in
        for i in pixels.indices { pixels[i] = table[Int(pixels[i])] }
      }
    }
  }

  /// PIL's grey: ITU-R 601 in parts of 65,536.
  @inline(__always)
  private static func luma(_ red: UInt8, _ green: UInt8, _ blue: UInt8) -> UInt8 {
    var sum: UInt32 = 0x8000
    sum += 19595 * UInt32(red)
    sum += 38470 * UInt32(green)
    sum += 7471 * UInt32(blue)
    return UInt8(sum >> 16)
  }

  /// PIL's `Image.blend`: first + factor · (second − first), clamped to 0 … 255 and truncated.
  @inline(__always)
  private static func blend(_ first: UInt8, _ second: UInt8, _ factor: Float) -> UInt8 {
    let value = Float(first) + factor * Float(Int(second) - Int(first))
    return UInt8(min(max(value, 0), 255))
  }
}

/// A colour in PIL's HSV mode, 8 bits for each component.
///
/// Single and double precision alternate as in PIL's C code, since fractions are truncated. All
/// 2^24 colours convert to exactly what PIL returns.
private struct HSV {
  var hue: UInt8
  let saturation: UInt8
  let value: UInt8

  @inline(__always)
  init(red: UInt8, green: UInt8, blue: UInt8) {
    let top = max(red, green, blue)
    let bottom = min(red, green, blue)
    value = top
    guard top != bottom else {
      hue = 0
      saturation = 0
      return
    }
    let range = Float(top - bottom)
    saturation = UInt8(Double(range / Float(top)) * 255)
    let r = Float(top - red) / range
    let g = Float(top - green) / range
    let b = Float(top - blue) / range
    let sector =
      red == top
      ? b - g
      : green == top ? Float(2 + Double(r) - Double(b)) : Float(4 + Double(g) - Double(r))
    let turn = Double(sector) / 6 + 1
    hue = UInt8(Double(Float(turn - turn.rounded(.down))) * 255)
  }

  @inline(__always)
  var rgb: (UInt8, UInt8, UInt8) {
    guard saturation > 0 else { return (value, value, value) }
    let h = Double(hue) * 6 / 255
    let sector = h.rounded(.down)
    let f = Float(h - sector)
    let s = Float(Double(saturation) / 255)
    let v = Double(value)
    let p = UInt8((v * (1 - Double(s))).rounded())
    let q = UInt8((v * (1 - Double(s * f))).rounded())
    let t = UInt8((v * (1 - Double(s) * (1 - Double(f)))).rounded())
    return switch Int(sector) % 6 {
    case 0: (value, t, p)
    case 1: (q, value, p)
    case 2: (p, value, t)
    case 3: (p, q, value)
    case 4: (t, p, value)
    default: (value, p, q)
    }
  }
}
