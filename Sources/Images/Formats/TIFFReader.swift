#if canImport(CTIFF)
  import CTIFF
  import Support

  /// The first page of a TIFF file, whose directory libtiff has read. The bytes must outlive the
  /// reader. Everything is read in the byte order of the machine.
  struct TIFFReader: ~Copyable {
    let file: ImageInput
    private let reader: UnsafeMutablePointer<dino_tiff_reader>
    let tiff: OpaquePointer

    init(_ file: ImageInput) throws(ImageError) {
      guard
        let reader = dino_tiff_open(
          file.bytes.baseAddress, file.bytes.count, file.limits.workspace)
      else { throw file.error(.unreadable("not enough memory")) }
      guard let tiff = reader.pointee.tiff else {
        defer { dino_tiff_close(reader) }
        throw file.error(.damaged(Self.message(reader)))
      }
      (self.file, self.reader, self.tiff) = (file, reader, tiff)
    }

    deinit { dino_tiff_close(reader) }

    /// The size of the stored image.
    func size() throws(ImageError) -> ImageSize {
      let size = ImageSize(
        width: Int(dino_tiff_long(tiff, UInt32(TIFFTAG_IMAGEWIDTH))),
        height: Int(dino_tiff_long(tiff, UInt32(TIFFTAG_IMAGELENGTH))))
      guard size.width > 0, size.height > 0 else {
        throw file.error(.damaged("it has no width or no height"))
      }
      return size
    }

    /// The number of pages.
    var pages: Int { Int(TIFFNumberOfDirectories(tiff)) }

    /// Reads the directory of another page, from 0, so that fields and pixels are that page's.
    func select(page: Int) throws(ImageError) {
      guard TIFFSetDirectory(tiff, tdir_t(page)) != 0 else { throw damage() }
      try file.limits.check(try size(), name: file.name)
    }

    /// Returns the value of a field of 16 bits; `fallback` if there is none.
    func field(_ tag: Int32, or fallback: UInt16) -> UInt16 {
      dino_tiff_short(tiff, UInt32(tag), fallback)
    }

    /// The orientation that its field gives or, without one, the XMP packet.
    var orientation: Orientation {
      let value = field(TIFFTAG_ORIENTATION, or: 0)
      if value > 0 { return Orientation(rawValue: Int(value)) ?? .upright }
      var count: UInt32 = 0
      guard let xmp = dino_tiff_xmp(tiff, &count) else { return .upright }
      return Orientation(
        exif: [], xmp: Array(UnsafeRawBufferPointer(start: xmp, count: Int(count))))
    }

    /// The error that the last failed call left behind, with libtiff's words for it.
    func damage() -> ImageError { file.error(.damaged(Self.message(reader))) }

    /// Throws if a JPEG stream in the file was not whole, of which libtiff only warns.
    func checkStreams() throws(ImageError) {
      if reader.pointee.is_spoilt { throw damage() }
    }

    private static func message(_ reader: UnsafeMutablePointer<dino_tiff_reader>) -> String {
      let text = withUnsafeBytes(of: &reader.pointee.message) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      return text.isEmpty ? "libtiff does not say why" : PrintableText.line(text, limit: 160)
    }
  }
#endif
