import Images

#if canImport(Glibc)
  import Glibc
#endif

/// A picture of grey values, rows from top to bottom.
struct GreyPicture: Sendable {
  let width: Int
  let height: Int
  /// [height, width]
  var values: [Float]

  init(width: Int, height: Int, values: [Float]) {
    precondition(values.count == width * height)
    (self.width, self.height, self.values) = (width, height, values)
  }

  /// The luma of an image by ITU-R BT.601, from 0 to 1, of which the longest side is made at most
  /// `longest` pixels.
  init(_ image: RGBImage, longest: Int) {
    let side = max(image.width, image.height)
    let picture =
      side <= longest
      ? image
      : image.resized(
        toWidth: max(1, image.width * longest / side),
        toHeight: max(1, image.height * longest / side), filter: .bilinear)
    (width, height) = (picture.width, picture.height)
    values = (0..<width * height).map { pixel in
      let red = 0.299 * Float(picture.pixels[3 * pixel])
      let green = 0.587 * Float(picture.pixels[3 * pixel + 1])
      let blue = 0.114 * Float(picture.pixels[3 * pixel + 2])
      return (red + green + blue) / 255
    }
  }

  subscript(x: Int, y: Int) -> Float { values[y * width + x] }

  /// The value between pixels, by bilinear interpolation; `nil` beyond the picture.
  func value(_ x: Float, _ y: Float) -> Float? { sample(x, y)?.value }

  /// The value between pixels, by bilinear interpolation, and how it changes from pixel to pixel; `nil`
  /// beyond the picture.
  @inline(__always)
  func sample(_ x: Float, _ y: Float) -> (value: Float, across: Float, down: Float)? {
    guard x >= 0, y >= 0, x <= Float(width - 1), y <= Float(height - 1) else { return nil }
    let (left, top) = (min(Int(x), max(0, width - 2)), min(Int(y), max(0, height - 2)))
    let (right, bottom) = (min(left + 1, width - 1), min(top + 1, height - 1))
    let (across, down) = (x - Float(left), y - Float(top))
    let above = self[right, top] - self[left, top]
    let below = self[right, bottom] - self[left, bottom]
    let (upper, lower) = (self[left, top] + across * above, self[left, bottom] + across * below)
    return (upper + down * (lower - upper), above + down * (below - above), lower - upper)
  }

  /// Every second pixel.
  var halved: GreyPicture {
    let (w, h) = (max(1, width / 2), max(1, height / 2))
    return GreyPicture(
      width: w, height: h,
      values: (0..<w * h).map { self[$0 % w * 2, $0 / w * 2] })
  }

  /// Returns the picture blurred by a Gaussian; pixels beyond the edge are like those at it.
  func blurred(_ sigma: Float) -> GreyPicture {
    let reach = max(1, Int((2.5 * sigma).rounded(.up)))
    var kernel = (0...reach).map { exp(-Float($0 * $0) / (2 * sigma * sigma)) }
    let sum = 2 * kernel.reduce(0, +) - kernel[0]
    kernel = kernel.map { $0 / sum }
    let across = values.withUnsafeBufferPointer { filteredRows($0, kernel) }
    return GreyPicture(
      width: width, height: height,
      values: across.withUnsafeBufferPointer { filteredColumns($0, kernel) })
  }

  /// Filters along rows with a symmetric kernel, from its middle to its end.
  private func filteredRows(_ source: UnsafeBufferPointer<Float>, _ kernel: [Float]) -> [Float] {
    let reach = kernel.count - 1
    var padded = [Float](repeating: 0, count: width + 2 * reach)
    return [Float](unsafeUninitializedCapacity: width * height) { result, count in
      padded.withUnsafeMutableBufferPointer { padded in
        for y in 0..<height {
          let (from, to) = (source.baseAddress! + y * width, result.baseAddress! + y * width)
          let middle = padded.baseAddress! + reach
          for x in 0..<reach { (padded[x], middle[width + x]) = (from[0], from[width - 1]) }
          middle.update(from: from, count: width)
          Self.scale(middle, by: kernel[0], into: to, count: width)
          for tap in 1...reach {
            Self.add(middle - tap, middle + tap, times: kernel[tap], to: to, count: width)
          }
        }
      }
      count = width * height
    }
  }

  /// Filters along columns.
  private func filteredColumns(
    _ source: UnsafeBufferPointer<Float>, _ kernel: [Float]
  ) -> [Float] {
    [Float](unsafeUninitializedCapacity: width * height) { result, count in
      func row(_ y: Int) -> UnsafePointer<Float> {
        source.baseAddress! + min(max(y, 0), height - 1) * width
      }
      for y in 0..<height {
        let to = result.baseAddress! + y * width
        Self.scale(row(y), by: kernel[0], into: to, count: width)
        for tap in 1..<kernel.count {
          Self.add(row(y - tap), row(y + tap), times: kernel[tap], to: to, count: width)
        }
      }
      count = width * height
    }
  }

  @inline(__always)
  private static func scale(
    _ from: UnsafePointer<Float>, by factor: Float, into to: UnsafeMutablePointer<Float>,
    count: Int
  ) {
    for x in 0..<count { to[x] = factor * from[x] }
  }

  /// Adds the sum of two rows, multiplied by a factor.
  @inline(__always)
  private static func add(
    _ one: UnsafePointer<Float>, _ other: UnsafePointer<Float>, times factor: Float,
    to: UnsafeMutablePointer<Float>, count: Int
  ) {
    var x = 0
    let raw = (UnsafeRawPointer(one), UnsafeRawPointer(other), UnsafeMutableRawPointer(to))
    while x + 8 <= count {
      let sum =
        raw.0.loadUnaligned(fromByteOffset: 4 * x, as: SIMD8<Float>.self)
        + raw.1.loadUnaligned(fromByteOffset: 4 * x, as: SIMD8<Float>.self)
      var value = raw.2.loadUnaligned(fromByteOffset: 4 * x, as: SIMD8<Float>.self)
      value.addProduct(sum, factor)
      raw.2.storeBytes(of: value, toByteOffset: 4 * x, as: SIMD8<Float>.self)
      x += 8
    }
    while x < count {
      to[x] += factor * (one[x] + other[x])
      x += 1
    }
  }
}
