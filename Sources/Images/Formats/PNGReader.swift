import CPNG

/// A PNG file whose header libpng has read. The bytes must outlive the reader.
struct PNGReader: ~Copyable {
  let size: ImageSize
  private let name: String
  private let reader: UnsafeMutablePointer<dino_png_reader>

  init(_ bytes: UnsafeBufferPointer<UInt8>, name: String) throws(ImageError) {
    guard let reader = dino_png_open(bytes.baseAddress, bytes.count) else {
      throw ImageError(name, .unreadable("not enough memory"))
    }
    guard dino_png_read_header(reader) else {
      defer { dino_png_close(reader) }
      throw ImageError(name, .damaged(Self.message(reader)))
    }
    self.name = name
    self.reader = reader
    let png = reader.pointee.png
    let info = reader.pointee.info
    size = ImageSize(
      width: Int(png_get_image_width(png, info)), height: Int(png_get_image_height(png, info)))
  }

  deinit { dino_png_close(reader) }

  /// The number of bytes that the pixels have before compression, with a filter byte for each row.
  var bytesBeforeCompression: Int {
    let (png, info) = (reader.pointee.png, reader.pointee.info)
    let bits = Int(png_get_channels(png, info)) * Int(png_get_bit_depth(png, info))
    func bytes(_ width: Int, _ height: Int) -> Int {
      width > 0 && height > 0 ? height * (1 + (width * bits + 7) / 8) : 0
    }
    if png_get_interlace_type(png, info) == 0 { return bytes(size.width, size.height) }
    var sum = 0
    for pass in Self.passes {
      let width = (size.width - pass.x + pass.right - 1) / pass.right
      let height = (size.height - pass.y + pass.down - 1) / pass.down
      sum += bytes(width, height)
    }
    return sum
  }

  /// The first pixel of each pass of an interlaced file, and the distances between its pixels.
  private static let passes: [(x: Int, y: Int, right: Int, down: Int)] = [
    (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
    (0, 1, 1, 2),
  ]

  /// Decodes the image and drops alpha.
  ///
  /// - Parameter needsEnd: whether damage behind the last row is an error.
  consuming func image(needsEnd: Bool) throws(ImageError) -> RGBImage {
    let stride = size.width * 3
    var decoded = false
    let pixels = [UInt8](unsafeUninitializedCapacity: stride * size.height) { buffer, count in
      count = stride * size.height
      decoded = dino_png_read_rgb(reader, buffer.baseAddress, stride, needsEnd)
    }
    if !decoded { throw ImageError(name, .damaged(Self.message(reader))) }
    return RGBImage(width: size.width, height: size.height, pixels: pixels)
  }

  /// Reads the samples of the image.
  ///
  /// - Parameter needsEnd: whether damage behind the last row is an error.
  consuming func samples(needsEnd: Bool) throws(ImageError) -> FileSamples {
    let (png, info) = (reader.pointee.png, reader.pointee.info)
    let isPalette = Int32(png_get_color_type(png, info)) == PNG_COLOR_TYPE_PALETTE
    let channels = isPalette ? 3 : Int(png_get_channels(png, info))
    let isWide = png_get_bit_depth(png, info) == 16
    let stride = size.width * channels * (isWide ? 2 : 1)
    var decoded = false
    let rows = [UInt8](unsafeUninitializedCapacity: stride * size.height) { buffer, count in
      count = stride * size.height
      decoded = dino_png_read_samples(reader, buffer.baseAddress, stride, needsEnd)
    }
    if !decoded { throw ImageError(name, .damaged(Self.message(reader))) }
    let values = rows.withUnsafeBytes { bytes in
      isWide
        ? FileSamples.planes(of: bytes.bindMemory(to: UInt16.self), channels) { Float($0) }
        : FileSamples.planes(of: bytes.bindMemory(to: UInt8.self), channels) { Float($0) }
    }
    return FileSamples(
      size: size, colours: channels < 3 ? 1 : 3, isRGB: channels >= 3,
      depth: 0...(isWide ? 65535 : 255), values: values)
  }

  private static func message(_ reader: UnsafeMutablePointer<dino_png_reader>) -> String {
    withUnsafeBytes(of: &reader.pointee.message) {
      String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
    }
  }
}
