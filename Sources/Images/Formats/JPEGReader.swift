import CTurboJPEG

/// A JPEG file whose header has been read. The bytes must outlive the reader.
///
/// A truncated file or one with pixels that cannot be decoded is an error; libjpeg by itself would
/// fill them with grey.
struct JPEGReader: ~Copyable {
  let size: ImageSize
  let orientation: Orientation
  private let name: String
  private let reader: UnsafeMutablePointer<dino_jpeg_reader>

  init(_ bytes: UnsafeBufferPointer<UInt8>, name: String) throws(ImageError) {
    guard let reader = dino_jpeg_open(bytes.baseAddress, bytes.count) else {
      throw ImageError(name, .unreadable("not enough memory"))
    }
    guard dino_jpeg_read_header(reader) else {
      defer { dino_jpeg_close(reader) }
      throw ImageError(name, Self.problem(reader))
    }
    self.name = name
    self.reader = reader
    size = ImageSize(
      width: Int(reader.pointee.info.image_width), height: Int(reader.pointee.info.image_height))
    orientation = Self.orientation(reader.pointee.info.marker_list)
  }

  deinit { dino_jpeg_close(reader) }

  /// Decodes the image and turns it upright.
  consuming func image(scale: ImageScale) throws(ImageError) -> RGBImage {
    let space = reader.pointee.info.jpeg_color_space
    let isInk = space == JCS_CMYK || space == JCS_YCCK
    try check(dino_jpeg_start(reader, UInt32(scale.eighths), isInk ? JCS_CMYK : JCS_RGB))
    let width = Int(reader.pointee.info.output_width)
    let height = Int(reader.pointee.info.output_height)
    var decoded = true
    let pixels = [UInt8](unsafeUninitializedCapacity: width * height * 3) { buffer, count in
      count = width * height * 3
      decoded = isInk ? readInk(into: buffer, width: width) : readRGB(into: buffer, width: width)
    }
    try check(decoded && dino_jpeg_finish(reader))
    return RGBImage(width: width, height: height, pixels: pixels).upright(from: orientation)
  }

  private func readRGB(into buffer: UnsafeMutableBufferPointer<UInt8>, width: Int) -> Bool {
    dino_jpeg_read_rows(
      reader, buffer.baseAddress, width * 3, reader.pointee.info.output_height)
  }

  /// Reads cyan, magenta, yellow and black, which are stored as Adobe does, 255 for no ink, and
  /// converts them as PIL does: each colour times black.
  private func readInk(into buffer: UnsafeMutableBufferPointer<UInt8>, width: Int) -> Bool {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: width * 4) { ink in
      for row in 0..<Int(reader.pointee.info.output_height) {
        guard dino_jpeg_read_rows(reader, ink.baseAddress, width * 4, 1) else { return false }
        for x in 0..<width {
          let black = Int(ink[x * 4 + 3])
          for channel in 0..<3 {
            // colour · black / 255, rounded.
            let product = Int(ink[x * 4 + channel]) * black + 128
            buffer[(row * width + x) * 3 + channel] = UInt8((product + product >> 8) >> 8)
          }
        }
      }
      return true
    }
  }

  private func check(_ done: Bool) throws(ImageError) {
    if !done { throw ImageError(name, Self.problem(reader)) }
  }

  /// The error that the last failed call left behind.
  private static func problem(
    _ reader: UnsafeMutablePointer<dino_jpeg_reader>
  ) -> ImageError.Problem {
    let message = withUnsafeBytes(of: &reader.pointee.message) {
      String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
    }
    let code = J_MESSAGE_CODE(rawValue: UInt32(reader.pointee.errors.msg_code))
    let unsupported = [
      JERR_ARITH_NOTIMPL, JERR_BAD_PRECISION, JERR_CONVERSION_NOTIMPL, JERR_SOF_UNSUPPORTED,
    ]
    return unsupported.contains(code) ? .unsupported(message) : .damaged(message)
  }

  /// The orientation in the APP1 segments before the pixels. EXIF that is too long for one segment
  /// goes on in the next; the last XMP packet counts.
  private static func orientation(_ markers: jpeg_saved_marker_ptr?) -> Orientation {
    let identifier = Array("Exif\0\0".utf8)
    let xmpIdentifier = Array("http://ns.adobe.com/xap/1.0/\0".utf8)
    var exif: [UInt8] = []
    var xmp: [UInt8] = []
    var next = markers
    while let marker = next?.pointee {
      let data = UnsafeBufferPointer(start: marker.data, count: Int(marker.data_length))
      if data.starts(with: identifier) {
        exif += exif.isEmpty ? data[...] : data.dropFirst(identifier.count)
      } else if data.starts(with: xmpIdentifier) {
        xmp = Array(data.dropFirst(xmpIdentifier.count))
      }
      next = marker.next
    }
    return Orientation(exif: exif, xmp: xmp)
  }
}
