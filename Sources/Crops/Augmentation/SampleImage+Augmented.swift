import Images

/// The changes as torchvision computes them on tensors of numbers from 0 to 1
/// (`transforms/_functional_tensor.py`).
extension SampleImage: AugmentedImage {
  package mutating func flip() {
    let width = width
    values.withUnsafeMutableBufferPointer { values in
      for row in stride(from: 0, to: values.count, by: width) {
        for x in 0..<width / 2 { values.swapAt(row + x, row + width - 1 - x) }
      }
    }
  }

  package mutating func flipVertically() {
    let (width, height, count) = (size.width, size.height, planeCount)
    values.withUnsafeMutableBufferPointer { values in
      for plane in stride(from: 0, to: values.count, by: count) {
        for row in 0..<height / 2 {
          let (first, other) = (plane + row * width, plane + (height - 1 - row) * width)
          for at in 0..<width { values.swapAt(first + at, other + at) }
        }
      }
    }
  }

  package mutating func turn(quarters: Int) {
    let (side, count, old) = (size.width, planeCount, values)
    values.withUnsafeMutableBufferPointer { values in
      for plane in stride(from: 0, to: values.count, by: count) {
        QuarterTurn.forEach(quarters, side: side) { values[plane + $0] = old[plane + $1] }
      }
    }
  }

  package mutating func changeColours(by factors: SIMD3<Float>) {
    precondition(channels == 3, "stains need red, green and blue")
    let count = planeCount
    values.withUnsafeMutableBufferPointer { values in
      for index in values.indices { values[index] = min(values[index] * factors[index / count], 1) }
    }
  }

  package mutating func blur(sigma: Float) {
    let (size, count) = (size, planeCount)
    values.withUnsafeMutableBufferPointer { values in
      for start in stride(from: 0, to: values.count, by: count) {
        GaussianBlur.apply(
          UnsafeMutableBufferPointer(rebasing: values[start..<start + count]), size: size,
          channels: 1, sigma: sigma)
      }
    }
  }

  package mutating func changeBrightness(by factor: Float) {
    blend(into: 0..<channels, with: 0, factor)
  }

  /// Of red, green and blue the mean is that of their grey; other channels each have a mean of their
  /// own.
  package mutating func changeContrast(by factor: Float) {
    if channels == 3 {
      blend(into: 0..<3, with: Self.mean(grey[...]), factor)
    } else {
      for channel in 0..<channels {
        blend(
          into: channel..<channel + 1,
          with: Self.mean(values[channel * planeCount..<(channel + 1) * planeCount]), factor)
      }
    }
  }

  package mutating func changeSaturation(by factor: Float) {
    let (grey, count) = (grey, planeCount)
    values.withUnsafeMutableBufferPointer { values in
      for index in values.indices {
        values[index] = Self.blend(grey[index % count], values[index], factor)
      }
    }
  }

  package mutating func changeHue(by factor: Float) {
    precondition(channels == 3, "hue needs red, green and blue")
    let count = planeCount
    values.withUnsafeMutableBufferPointer { values in
      for index in 0..<count {
        let pixel = SIMD3(values[index], values[count + index], values[2 * count + index])
        let turned = UnitHSV(rgb: pixel).turned(by: factor).rgb
        for channel in 0..<3 { values[channel * count + index] = turned[channel] }
      }
    }
  }

  package mutating func makeGrey() {
    let grey = grey
    values = grey + grey + grey
  }

  package mutating func solarise() {
    values.withUnsafeMutableBufferPointer { values in
      for index in values.indices where values[index] >= 0.5 { values[index] = 1 - values[index] }
    }
  }

  /// The grey of each pixel (ITU-R 601, in torchvision's four digits).
  private var grey: [Float] {
    precondition(channels == 3, "grey needs red, green and blue")
    let count = planeCount
    return (0..<count).map { index in
      let (red, green) = (0.2989 * values[index], 0.587 * values[count + index])
      return red + green + 0.114 * values[2 * count + index]
    }
  }

  private static func mean(_ values: ArraySlice<Float>) -> Float {
    Float(values.reduce(0.0) { $0 + Double($1) } / Double(values.count))
  }

  private mutating func blend(into channels: Range<Int>, with level: Float, _ factor: Float) {
    let count = planeCount
    values.withUnsafeMutableBufferPointer { values in
      for index in channels.lowerBound * count..<channels.upperBound * count {
        values[index] = Self.blend(level, values[index], factor)
      }
    }
  }

  /// Returns factor · second + (1 − factor) · first, clamped to 0 … 1.
  @inline(__always)
  private static func blend(_ first: Float, _ second: Float, _ factor: Float) -> Float {
    min(max(factor * second + (1 - factor) * first, 0), 1)
  }
}

/// A colour as hue, saturation and value, each from 0 to 1.
private struct UnitHSV {
  var hue: Float
  let saturation: Float
  let value: Float

  @inline(__always)
  init(rgb: SIMD3<Float>) {
    let (top, bottom) = (rgb.max(), rgb.min())
    let range = top - bottom
    value = top
    guard range > 0 else {
      (hue, saturation) = (0, 0)
      return
    }
    saturation = range / top
    let share = (SIMD3(repeating: top) - rgb) / range
    let sector =
      rgb.x == top
      ? share.z - share.y : rgb.y == top ? 2 + share.x - share.z : 4 + share.y - share.x
    let turn = sector / 6 + 1
    hue = turn - turn.rounded(.down)
  }

  /// Returns the colour with another hue; the circle is 1 long.
  @inline(__always)
  func turned(by shift: Float) -> UnitHSV {
    var turned = self
    turned.hue = hue + shift
    turned.hue -= turned.hue.rounded(.down)
    return turned
  }

  @inline(__always)
  var rgb: SIMD3<Float> {
    let sector = (hue * 6).rounded(.down)
    let f = hue * 6 - sector
    func level(_ share: Float) -> Float { min(max(value * (1 - saturation * share), 0), 1) }
    let (p, q, t) = (level(1), level(f), level(1 - f))
    return switch Int(sector) % 6 {
    case 0: SIMD3(value, t, p)
    case 1: SIMD3(q, value, p)
    case 2: SIMD3(p, value, t)
    case 3: SIMD3(p, q, value)
    case 4: SIMD3(t, p, value)
    default: SIMD3(value, p, q)
    }
  }
}
