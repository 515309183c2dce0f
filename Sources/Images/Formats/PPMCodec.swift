/// Reads PPM, PGM and PBM files (P1 to P6), of several images in one file the first.
enum PPMCodec: ImageCodec {
  static func size(of file: ImageInput) throws(ImageError) -> ImageSize? {
    try PPMHeader(file).size
  }

  static func image(of file: ImageInput, scale: ScaleChoice) throws(ImageError) -> RGBImage {
    let header = try PPMHeader(file)
    try file.limits.check(header.size, name: file.name)
    var text = header.rest
    let rows =
      switch (header.isText, header.most) {
      case (true, nil): try signs(header, &text)
      case (true, let most?): try values(header, &text, most: most)
      case (false, nil): bits(header)
      case (false, let most?): samples(header, most: most)
      }
    guard let levels = rows else { throw file.error(.damaged("the file ends early")) }
    let pixels =
      header.channels == 3
      ? levels
      : [UInt8](unsafeUninitializedCapacity: levels.count * 3) { to, count in
        count = levels.count * 3
        for (place, level) in levels.enumerated() {
          for channel in 0..<3 { to[place * 3 + channel] = level }
        }
      }
    return RGBImage(width: header.size.width, height: header.size.height, pixels: pixels)
  }

  /// The level of each value up to the greatest one, rounded as PIL rounds it.
  private static func levels(most: Int) -> [UInt8] {
    (0...most).map { UInt8((Double($0) / Double(most) * 255).rounded(.toNearestOrEven)) }
  }

  /// Reads samples of one or two bytes, the upper one first. `nil` if some are missing.
  private static func samples(_ header: PPMHeader, most: Int) -> [UInt8]? {
    let bytes = most > 255 ? 2 : 1
    let count = header.size.width * header.size.height * header.channels
    var cursor = header.rest
    guard let data = cursor.take(count * bytes) else { return nil }
    if most == 255 { return Array(data) }
    let levels = levels(most: most)
    return [UInt8](unsafeUninitializedCapacity: count) { to, written in
      written = count
      for index in 0..<count {
        let value =
          bytes == 1 ? Int(data[index]) : Int(data[index * 2]) << 8 | Int(data[index * 2 + 1])
        to[index] = levels[min(value, most)]
      }
    }
  }

  /// Reads rows of bits, each row from a new byte; 1 is black. `nil` if some are missing.
  private static func bits(_ header: PPMHeader) -> [UInt8]? {
    let (width, height) = (header.size.width, header.size.height)
    let stride = (width + 7) / 8
    var cursor = header.rest
    guard let data = cursor.take(stride * height) else { return nil }
    return [UInt8](unsafeUninitializedCapacity: width * height) { to, count in
      count = width * height
      for y in 0..<height {
        for x in 0..<width {
          to[y * width + x] = data[y * stride + x / 8] >> (7 - UInt8(x % 8)) & 1 == 1 ? 0 : 255
        }
      }
    }
  }

  /// Reads the signs 0 and 1, with or without space between them. `nil` if some are missing.
  private static func signs(
    _ header: PPMHeader, _ text: inout ByteCursor
  ) throws(ImageError) -> [UInt8]? {
    var levels: [UInt8] = []
    while levels.count < header.size.width * header.size.height {
      guard let sign = PPMHeader.sign(&text) else { return nil }
      switch sign {
      case UInt8(ascii: "0"): levels.append(255)
      case UInt8(ascii: "1"): levels.append(0)
      case _ where PPMHeader.isSpace(sign): break
      default: throw header.file.error(.damaged("a pixel that is neither 0 nor 1"))
      }
    }
    return levels
  }

  /// Reads numbers in digits. `nil` if some are missing.
  private static func values(
    _ header: PPMHeader, _ text: inout ByteCursor, most: Int
  ) throws(ImageError) -> [UInt8]? {
    let table = Self.levels(most: most)
    var levels: [UInt8] = []
    while levels.count < header.size.width * header.size.height * header.channels {
      guard let value = try PPMHeader.number(&text, header.file) else { return nil }
      guard value <= most else {
        throw header.file.error(.damaged("the value \(value); the greatest is \(most)"))
      }
      levels.append(table[value])
    }
    return levels
  }
}
