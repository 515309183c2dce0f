/// The transformation that turns the stored pixels of an image upright (EXIF 2.3, tag 0x0112).
enum Orientation: Int {
  case upright = 1
  case mirrored
  case upsideDown
  case mirroredUpsideDown
  /// In this case and those after it, rows and columns are exchanged.
  case transposed
  case turnedLeft
  case transversed
  case turnedRight

  /// Returns the size of the upright image, given the stored size.
  func turned(_ size: ImageSize) -> ImageSize {
    swapsAxes ? ImageSize(width: size.height, height: size.width) : size
  }

  private var swapsAxes: Bool { rawValue >= Orientation.transposed.rawValue }

  /// Returns the offset of the upright image's first pixel in the stored image of `width` ×
  /// `height`, and the distances from a pixel to its right and its lower neighbour, all in pixels.
  func walk(width: Int, height: Int) -> (first: Int, right: Int, down: Int) {
    let lastRow = (height - 1) * width
    let lastColumn = width - 1
    return switch self {
    case .upright: (0, 1, width)
    case .mirrored: (lastColumn, -1, width)
    case .upsideDown: (lastRow + lastColumn, -1, -width)
    case .mirroredUpsideDown: (lastRow, 1, -width)
    case .transposed: (0, width, 1)
    case .turnedLeft: (lastRow, -width, 1)
    case .transversed: (lastRow + lastColumn, -width, -1)
    case .turnedRight: (lastColumn, width, -1)
    }
  }
}

extension Orientation {
  /// Turns an image of `size` pixels upright. A pixel may be anything; `to` holds the upright image.
  func turn<Pixel: BitwiseCopyable>(
    _ from: UnsafePointer<Pixel>, size: ImageSize, to: UnsafeMutablePointer<Pixel>
  ) {
    let seen = turned(size)
    let walk = walk(width: size.width, height: size.height)
    // In strips: an upright row crosses all stored rows, which must stay in the cache until the
    // next row needs them.
    for strip in stride(from: 0, to: seen.width, by: 32) {
      let width = min(32, seen.width - strip)
      for y in 0..<seen.height {
        var source = from + (walk.first + y * walk.down + strip * walk.right)
        let target = to + (y * seen.width + strip)
        for x in 0..<width {
          target[x] = source.pointee
          source += walk.right
        }
      }
    }
  }
}

/// The bytes of a pixel of an `RGBImage`.
private struct RGBPixel: BitwiseCopyable {
  var red: UInt8
  var green: UInt8
  var blue: UInt8
}

extension RGBImage {
  /// Returns the upright image, given the orientation of this one.
  func upright(from orientation: Orientation) -> RGBImage {
    if orientation == .upright { return self }
    let seen = orientation.turned(size)
    let turned = [UInt8](unsafeUninitializedCapacity: pixels.count) { to, count in
      count = pixels.count
      to.withMemoryRebound(to: RGBPixel.self) { to in
        pixels.withUnsafeBytes { from in
          from.withMemoryRebound(to: RGBPixel.self) { from in
            orientation.turn(from.baseAddress!, size: size, to: to.baseAddress!)
          }
        }
      }
    }
    return RGBImage(width: seen.width, height: seen.height, pixels: turned)
  }
}

extension FileSamples {
  /// Returns the samples of the upright image, given the orientation of this one.
  func upright(from orientation: Orientation) -> FileSamples {
    if orientation == .upright { return self }
    let size = ImageSize(width: width, height: height)
    let seen = orientation.turned(size)
    let plane = width * height
    var upright = self
    (upright.width, upright.height) = (seen.width, seen.height)
    upright.values = [Float](unsafeUninitializedCapacity: values.count) { to, count in
      count = values.count
      values.withUnsafeBufferPointer { from in
        for start in stride(from: 0, to: count, by: plane) {
          orientation.turn(from.baseAddress! + start, size: size, to: to.baseAddress! + start)
        }
      }
    }
    return upright
  }
}
