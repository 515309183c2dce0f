#if canImport(CWebP)
  import CWebP

  /// Reads WebP files, of animations the first frame.
  enum WebPCodec: ImageCodec {
    /// The orientation comes after the pixels, so a file that has metadata is needed as a whole.
    static func size(of file: ImageInput) throws(ImageError) -> ImageSize? {
      let reader = try WebPReader(file)
      if reader.hasMetadata && !file.isWhole { return nil }
      return reader.orientation.turned(reader.size)
    }

    static func image(of file: ImageInput, scale: ScaleChoice) throws(ImageError) -> RGBImage {
      let reader = try WebPReader(file)
      try file.limits.check(reader.size, name: file.name)
      return try reader.image().upright(from: reader.orientation)
    }
  }

  /// A WebP file whose parts libwebp has found. The bytes must outlive the reader.
  private struct WebPReader: ~Copyable {
    let size: ImageSize
    private let file: ImageInput
    /// Whether the end of the file is missing.
    private let isCut: Bool
    private let demuxer: OpaquePointer

    init(_ file: ImageInput) throws(ImageError) {
      var data = WebPData(bytes: file.bytes.baseAddress, size: file.bytes.count)
      var state = WEBP_DEMUX_PARSING_HEADER
      // What comes after the first frame may be missing.
      guard let demuxer = WebPDemuxPartial(&data, &state) else {
        throw file.error(.damaged("its header is not that of a WebP file, or not whole"))
      }
      let size = ImageSize(
        width: Int(WebPDemuxGetI(demuxer, WEBP_FF_CANVAS_WIDTH)),
        height: Int(WebPDemuxGetI(demuxer, WEBP_FF_CANVAS_HEIGHT)))
      guard size.width > 0, size.height > 0 else {
        WebPDemuxDelete(demuxer)
        throw file.error(.damaged("it has no width or no height"))
      }
      (self.size, self.file, self.demuxer) = (size, file, demuxer)
      isCut = state != WEBP_DEMUX_DONE
    }

    deinit { WebPDemuxDelete(demuxer) }

    /// Whether the file says that it has EXIF or XMP.
    var hasMetadata: Bool {
      WebPDemuxGetI(demuxer, WEBP_FF_FORMAT_FLAGS) & (EXIF_FLAG.rawValue | XMP_FLAG.rawValue) != 0
    }

    /// The orientation that the metadata give.
    var orientation: Orientation { Orientation(exif: chunk("EXIF"), xmp: chunk("XMP ")) }

    private func chunk(_ name: String) -> [UInt8] {
      var found = WebPChunkIterator()
      guard WebPDemuxGetChunk(demuxer, name, 1, &found) != 0 else { return [] }
      defer { WebPDemuxReleaseChunkIterator(&found) }
      return Array(UnsafeBufferPointer(start: found.chunk.bytes, count: found.chunk.size))
    }

    /// Decodes the first frame and drops alpha. What it leaves of the image is black.
    func image() throws(ImageError) -> RGBImage {
      var frame = WebPIterator()
      guard WebPDemuxGetFrame(demuxer, 1, &frame) != 0 else {
        throw file.error(.damaged("it has no frame"))
      }
      defer { WebPDemuxReleaseIterator(&frame) }
      // Without its metadata an image might lie on its side.
      guard frame.complete != 0, !(isCut && hasMetadata) else {
        throw file.error(.damaged("the file ends early"))
      }
      let (x, y) = (Int(frame.x_offset), Int(frame.y_offset))
      guard x + Int(frame.width) <= size.width, y + Int(frame.height) <= size.height else {
        throw file.error(.damaged("its first frame reaches beyond the image"))
      }
      var pixels = [UInt8](repeating: 0, count: size.width * size.height * 3)
      let status = pixels.withUnsafeMutableBufferPointer { pixels in
        Self.decode(frame, pixels, first: (y * size.width + x) * 3, stride: size.width * 3)
      }
      guard status == VP8_STATUS_OK else { throw file.error(Self.problem(status)) }
      return RGBImage(width: size.width, height: size.height, pixels: pixels)
    }

    private static func decode(
      _ frame: WebPIterator, _ pixels: UnsafeMutableBufferPointer<UInt8>, first: Int, stride: Int
    ) -> VP8StatusCode {
      var config = WebPDecoderConfig()
      guard WebPInitDecoderConfig(&config) != 0 else { return VP8_STATUS_INVALID_PARAM }
      config.output.colorspace = MODE_RGB
      config.output.is_external_memory = 1
      config.output.u.RGBA = WebPRGBABuffer(
        rgba: pixels.baseAddress! + first, stride: Int32(stride), size: pixels.count - first)
      return WebPDecode(frame.fragment.bytes, frame.fragment.size, &config)
    }

    private static func problem(_ status: VP8StatusCode) -> ImageError.Problem {
      switch status {
      case VP8_STATUS_OUT_OF_MEMORY: .unreadable("not enough memory")
      case VP8_STATUS_UNSUPPORTED_FEATURE: .unsupported("a feature that libwebp does not know")
      case VP8_STATUS_NOT_ENOUGH_DATA, VP8_STATUS_SUSPENDED: .damaged("the file ends early")
      default: .damaged("its pixels cannot be decoded")
      }
    }
  }
#endif
