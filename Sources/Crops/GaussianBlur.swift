import Images

#if canImport(Glibc)
  import Glibc
#endif

/// torchvision's Gaussian blur: 9 × 9, with reflection at the edges.
package enum GaussianBlur {
  private static let reach = 4

  /// Blurs an image and rounds it to 8 bits; `sigma` is in pixels.
  package static func apply(_ image: inout RGBImage, sigma: Float) {
    let weights = kernel(sigma)
    let width = image.width * 3
    let height = image.height
    let columns = reflected(image.width)
    let rows = reflected(image.height)
    withUnsafeTemporaryAllocation(of: Float.self, capacity: width * height) { blurred in
      image.pixels.withUnsafeBufferPointer {
        horizontal($0, blurred.baseAddress!, columns, weights, height: height)
      }
      image.pixels.withUnsafeMutableBufferPointer {
        vertical(blurred.baseAddress!, $0, rows, weights, width: width)
      }
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

  private static func horizontal(
    _ pixels: UnsafeBufferPointer<UInt8>, _ result: UnsafeMutablePointer<Float>, _ columns: [Int],
    _ weights: [Float], height: Int
  ) {
    let width = (columns.count - 2 * reach) * 3
    withUnsafeTemporaryAllocation(of: Float.self, capacity: columns.count * 3) { line in
      let line = line.baseAddress!
      for y in 0..<height {
        let source = pixels.baseAddress! + y * width
        for (index, column) in columns.enumerated() {
          for channel in 0..<3 { line[index * 3 + channel] = Float(source[column * 3 + channel]) }
        }
        let target = result + y * width
        for x in 0..<width { target[x] = 0 }
        for (tap, weight) in weights.enumerated() {
          let shifted = line + tap * 3
          for x in 0..<width { target[x] += weight * shifted[x] }
        }
      }
    }
  }

  private static func vertical(
    _ lines: UnsafeMutablePointer<Float>, _ pixels: UnsafeMutableBufferPointer<UInt8>,
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
          target[x] = UInt8(min(max(sum[x].rounded(.toNearestOrEven), 0), 255))
        }
      }
    }
  }
}
