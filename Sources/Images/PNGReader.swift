import CPNG

/// A PNG file whose header has been read. The bytes must outlive the reader.
struct PNGReader: ~Copyable {
  let size: ImageSize
  let orientation: Orientation
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
    var length: png_uint_32 = 0
    var exif: png_bytep?
    png_get_eXIf_1(png, info, &length, &exif)
    orientation = Orientation(exif: UnsafeBufferPointer(start: exif, count: Int(length)))
  }

  deinit { dino_png_close(reader) }

  /// Decodes the image, drops alpha and turns it upright.
  consuming func image() throws(ImageError) -> RGBImage {
    let stride = size.width * 3
    var decoded = false
    let pixels = [UInt8](unsafeUninitializedCapacity: stride * size.height) { buffer, count in
      count = stride * size.height
      decoded = dino_png_read_rgb(reader, buffer.baseAddress, stride)
    }
    if !decoded { throw ImageError(name, .damaged(Self.message(reader))) }
    return RGBImage(width: size.width, height: size.height, pixels: pixels).upright(
      from: orientation)
  }

  private static func message(_ reader: UnsafeMutablePointer<dino_png_reader>) -> String {
    withUnsafeBytes(of: &reader.pointee.message) {
      String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
    }
  }
}
