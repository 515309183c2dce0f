/// Reads BMP files.
enum BMPCodec: ImageCodec {
  static func size(of file: ImageInput) throws(ImageError) -> ImageSize? {
    try BMPHeader(file).size
  }

  static func image(of file: ImageInput, scale: ScaleChoice) throws(ImageError) -> RGBImage {
    let header = try BMPHeader(file)
    try file.limits.check(header.size, name: file.name)
    let cursor = ByteCursor(file.bytes, at: header.start)
    let rows =
      switch header.packing {
      case .runs: runs(header, cursor).map { colours($0, header) }
      case .indices: stored(header, cursor) { indices($0, header) }
      case .masks(let masks): stored(header, cursor) { masked($0, header, masks) }
      }
    guard let pixels = rows else { throw file.error(.damaged("the file ends early")) }
    return RGBImage(width: header.size.width, height: header.size.height, pixels: pixels)
      .upright(from: header.isTopDown ? .upright : .mirroredUpsideDown)
  }

  /// Returns the pixels of all rows, in the order in which they are stored; `nil` if some are
  /// missing. Each row begins at a multiple of four bytes.
  private static func stored(
    _ header: BMPHeader, _ cursor: ByteCursor, _ row: (UnsafeBufferPointer<UInt8>) -> [UInt8]
  ) -> [UInt8]? {
    var cursor = cursor
    let bytes = (header.size.width * header.bits + 7) / 8
    var pixels: [UInt8] = []
    for number in 0..<header.size.height {
      guard let data = cursor.take(bytes) else { return nil }
      if number == 0 { pixels.reserveCapacity(header.size.width * header.size.height * 3) }
      pixels += row(data)
      // The last row may lack what fills it up.
      _ = cursor.take(-bytes & 3)
    }
    return pixels
  }

  private static func indices(
    _ row: UnsafeBufferPointer<UInt8>, _ header: BMPHeader
  ) -> [UInt8] {
    let each = 8 / header.bits
    let mask = 1 << header.bits - 1
    return colours(
      (0..<header.size.width).map { x in
        UInt8(Int(row[x / each]) >> ((each - 1 - x % each) * header.bits) & mask)
      }, header)
  }

  private static func colours(_ indices: [UInt8], _ header: BMPHeader) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: indices.count * 3) { to, count in
      count = indices.count * 3
      header.palette.withUnsafeBufferPointer { palette in
        for (place, index) in indices.enumerated() {
          for channel in 0..<3 { to[place * 3 + channel] = palette[Int(index) * 3 + channel] }
        }
      }
    }
  }

  /// Like PIL, it cuts off what remains of a level.
  private static func masked(
    _ row: UnsafeBufferPointer<UInt8>, _ header: BMPHeader, _ masks: [Int]
  ) -> [UInt8] {
    let (bytes, width) = (header.bits / 8, header.size.width)
    return [UInt8](unsafeUninitializedCapacity: width * 3) { to, count in
      count = width * 3
      for (channel, mask) in masks.enumerated() {
        let shift = mask == 0 ? 0 : mask.trailingZeroBitCount
        let most = max(1, mask >> shift)
        // Mostly a byte of its own.
        if most == 255, shift % 8 == 0, shift / 8 < bytes {
          for x in 0..<width { to[x * 3 + channel] = row[x * bytes + shift / 8] }
          continue
        }
        for x in 0..<width {
          var number = 0
          for byte in 0..<bytes { number |= Int(row[x * bytes + byte]) << (byte * 8) }
          let value = (number & mask) >> shift
          to[x * 3 + channel] = UInt8(value * 255 / most)
        }
      }
    }
  }

  /// Returns the indices that runs stand for; `nil` if the file ends before the image. Pixels that
  /// are skipped have index 0.
  private static func runs(_ header: BMPHeader, _ cursor: ByteCursor) -> [UInt8]? {
    var cursor = cursor
    let (width, count) = (header.size.width, header.size.width * header.size.height)
    // A full row still waits for the end of its line.
    var row = 0
    // Memory is taken for what there is.
    var indices: [UInt8] = []
    func fill(to place: Int) {
      let missing = min(place, count) - indices.count
      if missing > 0 { indices += repeatElement(0, count: missing) }
    }
    while indices.count < count {
      guard let length = cursor.byte(), let value = cursor.byte() else { return nil }
      let place = indices.count
      switch (length, value) {
      case (0, 0):
        row += 1
        fill(to: row * width)
      case (0, 1): fill(to: count)
      case (0, 2):
        guard let right = cursor.byte(), let down = cursor.byte() else { return nil }
        row += Int(down)
        fill(to: place + Int(right) + Int(down) * width)
      case (0, _):
        let packed = (Int(value) * header.bits + 7) / 8
        guard let data = cursor.take(packed) else { return nil }
        if packed % 2 == 1 { _ = cursor.byte() }
        let run = (0..<Int(value)).map { index(header.bits, data[$0 * header.bits / 8], $0) }
        indices += run.prefix(max(0, (row + 1) * width - place))
      default:
        let room = max(0, (row + 1) * width - place)
        indices += (0..<min(Int(length), room)).map { index(header.bits, value, $0) }
      }
    }
    return indices
  }

  /// Returns the index of a run's pixel in a byte, which has two indices of four bits.
  private static func index(_ bits: Int, _ byte: UInt8, _ number: Int) -> UInt8 {
    bits == 8 ? byte : number % 2 == 0 ? byte >> 4 : byte & 15
  }
}
