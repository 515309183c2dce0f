/// Reads PPM, PGM and PBM files (P1 to P6), of several images in one file the first.
enum PPMCodec: ImageCodec {
  static func size(of file: ImageInput) throws(ImageError) -> ImageSize? {
    try PPMHeader(file).size
  }

  /// The level of each number up to the greatest one is rounded as PIL rounds it.
  static func image(of file: ImageInput, scale: ScaleChoice) throws(ImageError) -> RGBImage {
    let header = try PPMHeader(file)
    let most = header.most ?? 1
    let levels = try samples(
      header,
      (0...most).map { UInt8((Double($0) / Double(most) * 255).rounded(.toNearestOrEven)) })
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

  static func samples(
    of file: ImageInput, channels: Int, scale: ScaleChoice
  ) throws(ImageError) -> FileSamples {
    let header = try PPMHeader(file)
    let most = header.most ?? 1
    let values = try samples(header, (0...most).map { Float($0) })
    return FileSamples(
      size: header.size, colours: header.channels, isRGB: header.channels == 3,
      depth: 0...Float(most),
      values: values.withUnsafeBufferPointer {
        FileSamples.planes(of: $0, header.channels) { $0 }
      })
  }

  /// Reads all samples and returns for each its entry in a table of all numbers. Of a file of bits
  /// the number of white is 1.
  private static func samples<Entry>(
    _ header: PPMHeader, _ table: [Entry]
  ) throws(ImageError) -> [Entry] {
    try header.file.limits.check(header.size, name: header.file.name)
    var text = header.rest
    let samples =
      switch (header.isText, header.most) {
      case (true, nil): try signs(header, &text, table)
      case (true, .some): try numbers(header, &text, table)
      case (false, nil): bits(header, table)
      case (false, .some): bytes(header, table)
      }
    guard let samples else { throw header.file.error(.damaged("the file ends early")) }
    return samples
  }

  /// Reads samples of one or two bytes, the upper one first. `nil` if some are missing.
  private static func bytes<Entry>(_ header: PPMHeader, _ table: [Entry]) -> [Entry]? {
    let most = table.count - 1
    let bytes = most > 255 ? 2 : 1
    let count = header.size.width * header.size.height * header.channels
    var cursor = header.rest
    guard let data = cursor.take(count * bytes) else { return nil }
    return [Entry](unsafeUninitializedCapacity: count) { to, written in
      written = count
      for index in 0..<count {
        let value =
          bytes == 1 ? Int(data[index]) : Int(data[index * 2]) << 8 | Int(data[index * 2 + 1])
        to[index] = table[min(value, most)]
      }
    }
  }

  /// Reads rows of bits, each row from a new byte; 1 is black. `nil` if some are missing.
  private static func bits<Entry>(_ header: PPMHeader, _ table: [Entry]) -> [Entry]? {
    let (width, height) = (header.size.width, header.size.height)
    let stride = (width + 7) / 8
    var cursor = header.rest
    guard let data = cursor.take(stride * height) else { return nil }
    return [Entry](unsafeUninitializedCapacity: width * height) { to, count in
      count = width * height
      for y in 0..<height {
        for x in 0..<width {
          let isBlack = data[y * stride + x / 8] >> (7 - UInt8(x % 8)) & 1 == 1
          to[y * width + x] = table[isBlack ? 0 : 1]
        }
      }
    }
  }

  /// Reads the signs 0 and 1, with or without space between them. `nil` if some are missing.
  private static func signs<Entry>(
    _ header: PPMHeader, _ text: inout ByteCursor, _ table: [Entry]
  ) throws(ImageError) -> [Entry]? {
    var samples: [Entry] = []
    while samples.count < header.size.width * header.size.height {
      guard let sign = PPMHeader.sign(&text) else { return nil }
      switch sign {
      case UInt8(ascii: "0"): samples.append(table[1])
      case UInt8(ascii: "1"): samples.append(table[0])
      case _ where PPMHeader.isSpace(sign): break
      default: throw header.file.error(.damaged("a pixel that is neither 0 nor 1"))
      }
    }
    return samples
  }

  /// Reads numbers in digits. `nil` if some are missing.
  private static func numbers<Entry>(
    _ header: PPMHeader, _ text: inout ByteCursor, _ table: [Entry]
  ) throws(ImageError) -> [Entry]? {
    let most = table.count - 1
    var samples: [Entry] = []
    while samples.count < header.size.width * header.size.height * header.channels {
      guard let value = try PPMHeader.number(&text, header.file) else { return nil }
      guard value <= most else {
        throw header.file.error(.damaged("the value \(value); the greatest is \(most)"))
      }
      samples.append(table[value])
    }
    return samples
  }
}
