import Images

#if canImport(Glibc)
  import Glibc
#endif

/// torchvision's Gaussian blur: 9 × 9, with reflection at the edges.
enum GaussianBlur {
  private static let reach = 4

  /// Blurs pixels [height, width, channels]; `sigma` is in pixels.
  static func apply<Level: BlurredLevel>(
    _ pixels: UnsafeMutableBufferPointer<Level>, size: ImageSize, channels: Int, sigma: Float
  ) {
    let weights = kernel(sigma)
    let width = size.width * channels
    withUnsafeTemporaryAllocation(of: Float.self, capacity: width * size.height) { blurred in
      horizontal(
        UnsafeBufferPointer(pixels), blurred.baseAddress!, reflected(size.width), weights,
        height: size.height, channels: channels)
      vertical(blurred.baseAddress!, pixels, reflected(size.height), weights, width: width)
    }
  }

  /// Returns the weights of one axis, which sum to one.
  static func kernel(_ sigma: Float) -> [Float] {
    let weights = (-reach...reach).map { exp(-0.5 * (Float($0) / sigma) * (Float($0) / sigma)) }
    let sum = weights.reduce(0, +)
    return weights.map { $0 / sum }
  }

  /// Returns the pixel for each index in −4 ..< count + 4. Indices beyond the edge are reflected.
  private static func reflected(_ count: Int) -> [Int] {
    (-reach..<count + reach).map { index in
      guard count > 1 else { return 0 }
      let period = 2 * (count - 1)
      let wrapped = ((index % period) + period) % period
      return min(wrapped, period - wrapped)
    }
  }

  private static func horizontal<Level: BlurredLevel>(
    _ pixels: UnsafeBufferPointer<Level>, _ result: UnsafeMutablePointer<Float>, _ columns: [Int],
    _ weights: [Float], height: Int, channels: Int
  ) {
    let width = (columns.count - 2 * reach) * channels
    withUnsafeTemporaryAllocation(of: Float.self, capacity: columns.count * channels) { line in
      let line = line.baseAddress!
      for y in 0..<height {
        let source = pixels.baseAddress! + y * width
        for (index, column) in columns.enumerated() {
          for channel in 0..<channels {
            line[index * channels + channel] = source[column * channels + channel].value
          }
        }
        let target = result + y * width
        for x in 0..<width { target[x] = 0 }
        for (tap, weight) in weights.enumerated() {
          let shifted = line + tap * channels
          for x in 0..<width { target[x] += weight * shifted[x] }
        }
      }
    }
  }

  private static func vertical<Level: BlurredLevel>(
    _ lines: UnsafeMutablePointer<Float>, _ pixels: UnsafeMutableBufferPointer<Level>,
    _ rows: [Int], _ weights: [Float], width: Int
  ) {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: width) { sum in
      let sum = sum.baseAddress!
      for y in 0..<rows.count - 2 * reach {
        for x in 0..<width { sum[x] = 0 }
        for (tap, weight) in weights.enumerated() {
          let source = lines + rows[y + tap] * width
          for x in 0..<width { sum[x] += weight * source[x] }
        }
        let target = pixels.baseAddress! + y * width
        for x in 0..<width {
          target[x] = Level(blurred: sum[x])
        }
      }
    }
  }
}

/// A value of an image that can be blurred.
protocol BlurredLevel {
  var value: Float { get }

  /// Stores a weighted mean of values.
  init(blurred: Float)
}

extension UInt8: BlurredLevel {
  var value: Float { Float(self) }

  init(blurred: Float) {
    self = UInt8(Swift.min(Swift.max(blurred.rounded(.toNearestOrEven), 0), 255))
  }
}

extension Float: BlurredLevel {
  var value: Float { self }

  init(blurred: Float) { self = blurred }
}
