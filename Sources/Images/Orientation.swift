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

  /// Reads a TIFF header and its first directory; other directories are not followed. A value that
  /// is out of bounds, of another type or undefined counts as upright.
  init(exif bytes: UnsafeBufferPointer<UInt8>) {
    self = Self.value(exif: bytes).flatMap(Self.init(rawValue:)) ?? .upright
  }

  private static func value(exif bytes: UnsafeBufferPointer<UInt8>) -> Int? {
    let littleEndian = bytes.starts(with: "II*\0".utf8)
    guard littleEndian || bytes.starts(with: "MM\0*".utf8) else { return nil }

    func number(at offset: Int, bytes count: Int) -> Int? {
      guard offset + count <= bytes.count else { return nil }
      let digits = bytes[offset..<offset + count]
      let value = { (value: Int, byte: UInt8) in value << 8 | Int(byte) }
      return littleEndian ? digits.reversed().reduce(0, value) : digits.reduce(0, value)
    }

    guard let directory = number(at: 4, bytes: 4),
      let entries = number(at: directory, bytes: 2)
    else { return nil }
    for entry in 0..<entries {
      let at = directory + 2 + entry * 12
      guard let tag = number(at: at, bytes: 2), let type = number(at: at + 2, bytes: 2) else {
        return nil
      }
      if tag == 0x0112 {
        let short = 3
        return type == short ? number(at: at + 8, bytes: 2) : nil
      }
    }
    return nil
  }

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
