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

extension RGBImage {
  /// Returns the upright image, given the orientation of this one.
  func upright(from orientation: Orientation) -> RGBImage {
    if orientation == .upright { return self }
    let seen = orientation.turned(ImageSize(width: width, height: height))
    let walk = orientation.walk(width: width, height: height)
    let turned = [UInt8](unsafeUninitializedCapacity: pixels.count) { to, count in
      count = pixels.count
      pixels.withUnsafeBufferPointer { from in
        // In strips: an upright row crosses all stored rows, which must stay in the cache until the
        // next row needs them.
        for strip in stride(from: 0, to: seen.width, by: 32) {
          let width = min(32, seen.width - strip)
          for y in 0..<seen.height {
            var source = from.baseAddress! + (walk.first + y * walk.down + strip * walk.right) * 3
            var target = to.baseAddress! + (y * seen.width + strip) * 3
            for _ in 0..<width {
              target[0] = source[0]
              target[1] = source[1]
              target[2] = source[2]
              source += walk.right * 3
              target += 3
            }
          }
        }
      }
    }
    return RGBImage(width: seen.width, height: seen.height, pixels: turned)
  }
}
