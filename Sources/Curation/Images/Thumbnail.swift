import Images

/// A picture of 32 × 32 pixels by which images are compared before a network sees them.
package struct Thumbnail: ImageRecord, Sendable, Equatable {
  static let side = 32
  /// The size in bytes.
  package static let bytes = side * side * 3

  /// [32, 32, 3], red, green and blue.
  package let pixels: [UInt8]

  package init(encoded: [UInt8]) {
    precondition(encoded.count == Self.bytes)
    pixels = encoded
  }

  package var encoded: [UInt8] { pixels }

  /// The whole image, squeezed into a square.
  package init(of image: RGBImage) {
    pixels = image.resized(toWidth: Self.side, toHeight: Self.side, filter: .bilinear).pixels
  }

  /// The luma of each pixel by ITU-R BT.601, from 0 to 255.
  var grey: [Float] {
    (0..<Self.side * Self.side).map { pixel in
      let red = 0.299 * Float(pixels[3 * pixel])
      let green = 0.587 * Float(pixels[3 * pixel + 1])
      let blue = 0.114 * Float(pixels[3 * pixel + 2])
      return red + green + blue
    }
  }
}

/// A mirrored or turned form of a square picture: the symmetries of the square.
struct SquareSymmetry: Sendable, Equatable {
  /// Whether rows and columns are exchanged, before anything else.
  let isTransposed: Bool
  /// Whether left and right are exchanged, and top and bottom.
  let isMirrored: Bool
  let isFlipped: Bool

  static let identity = SquareSymmetry(isTransposed: false, isMirrored: false, isFlipped: false)

  /// All eight, the identity first.
  static let all = (0..<8).map {
    SquareSymmetry(isTransposed: $0 & 4 != 0, isMirrored: $0 & 1 != 0, isFlipped: $0 & 2 != 0)
  }

  /// Returns a picture [side, side] in this form.
  func callAsFunction(_ picture: [Float], side: Int) -> [Float] {
    guard self != .identity else { return picture }
    return [Float](unsafeUninitializedCapacity: side * side) { result, count in
      for y in 0..<side {
        for x in 0..<side {
          let (row, column) = (isFlipped ? side - 1 - y : y, isMirrored ? side - 1 - x : x)
          result[y * side + x] =
            isTransposed ? picture[column * side + row] : picture[row * side + column]
        }
      }
      count = side * side
    }
  }
}
