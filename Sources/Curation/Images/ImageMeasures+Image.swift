import Images

#if canImport(Glibc)
  import Glibc
#endif

extension ImageMeasures {
  /// The shortest side of the picture that is measured, so that the size of an image does not
  /// matter.
  static let side = 128

  /// Measures an image, which was decoded at a scale.
  ///
  /// - Parameter whole: its full size.
  init(of image: RGBImage, whole: ImageSize, checksum: [UInt8]) {
    (width, height, self.checksum) = (whole.width, whole.height, checksum)
    let picture = Self.reduced(image)
    let grey = picture.grey
    entropy = Self.entropy(grey)
    oneColour = Self.oneColour(picture)
    sharpness = Self.sharpness(grey, width: picture.width, height: picture.height)
    text = Lettering(picture).share
  }

  private static func reduced(_ image: RGBImage) -> RGBImage {
    let shortest = min(image.width, image.height)
    guard shortest > side else { return image }
    return image.resized(
      toWidth: max(side, image.width * side / shortest),
      toHeight: max(side, image.height * side / shortest), filter: .bilinear)
  }

  /// The entropy of the histogram of grey values, in bits.
  private static func entropy(_ grey: [UInt8]) -> Double {
    var counts = [Int](repeating: 0, count: 256)
    for value in grey { counts[Int(value)] += 1 }
    return counts.reduce(0) { sum, count in
      let share = Double(count) / Double(grey.count)
      return count == 0 ? sum : sum - share * log2(share)
    }
  }

  /// The share of the most frequent colour, of 32,768 of 5 bits a channel.
  private static func oneColour(_ picture: RGBImage) -> Double {
    var counts = [Int32](repeating: 0, count: 1 << 15)
    let count = picture.width * picture.height
    for pixel in 0..<count {
      var colour = 0
      for channel in 0..<3 { colour = colour << 5 | Int(picture.pixels[3 * pixel + channel] >> 3) }
      counts[colour] += 1
    }
    return Double(counts.max()!) / Double(count)
  }

  /// The standard deviation of the Laplacian with four neighbours; 0 for less than 3 × 3 pixels.
  private static func sharpness(_ grey: [UInt8], width: Int, height: Int) -> Double {
    guard width > 2, height > 2 else { return 0 }
    var (sum, squares) = (0, 0)
    for y in 1..<height - 1 {
      for x in 1..<width - 1 {
        let at = y * width + x
        let value =
          Int(grey[at - 1]) + Int(grey[at + 1]) + Int(grey[at - width]) + Int(grey[at + width])
          - 4 * Int(grey[at])
        sum += value
        squares += value * value
      }
    }
    let count = Double((width - 2) * (height - 2))
    let mean = Double(sum) / count
    return max(0, Double(squares) / count - mean * mean).squareRoot()
  }
}

extension RGBImage {
  /// The luma of each pixel by ITU-R BT.601, rounded.
  fileprivate var grey: [UInt8] {
    (0..<width * height).map { pixel in
      let red = 299 * Int(pixels[3 * pixel])
      let green = 587 * Int(pixels[3 * pixel + 1])
      let blue = 114 * Int(pixels[3 * pixel + 2])
      return UInt8((red + green + blue + 500) / 1000)
    }
  }
}
