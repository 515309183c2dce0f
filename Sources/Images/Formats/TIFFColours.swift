#if canImport(CTIFF)
  import CTIFF

  /// What the samples of a TIFF file mean.
  enum TIFFColours {
    case grey
    case whiteIsZero
    case rgb
    /// Red, green and blue of each index.
    case palette([UInt8])
    /// Cyan, magenta, yellow and black; 255 is full ink.
    case ink
    /// Brightness and two differences of colour.
    case ycbcr
    /// Any others that libtiff converts to RGB itself, the whole image at a time.
    case converted

    /// The number of samples that make a colour.
    var count: Int {
      switch self {
      case .grey, .whiteIsZero, .palette: 1
      case .rgb, .ycbcr, .converted: 3
      case .ink: 4
      }
    }

    /// Whether the file stores the samples of each pixel as grey, RGB or further channels, so that
    /// they can be read without a conversion.
    var areStored: Bool {
      switch self {
      case .grey, .whiteIsZero, .rgb: true
      case .palette, .ink, .ycbcr, .converted: false
      }
    }

    init(_ reader: borrowing TIFFReader, bits: Int, isNumber: Bool) throws(ImageError) {
      let meaning = Int32(reader.field(TIFFTAG_PHOTOMETRIC, or: UInt16(PHOTOMETRIC_MINISWHITE)))
      switch meaning {
      case PHOTOMETRIC_MINISWHITE: self = .whiteIsZero
      case PHOTOMETRIC_MINISBLACK: self = .grey
      case PHOTOMETRIC_RGB: self = .rgb
      case PHOTOMETRIC_SEPARATED where !isNumber: self = .ink
      case PHOTOMETRIC_PALETTE where bits <= 8 && !isNumber:
        self = .palette(try Self.palette(reader, count: 1 << bits))
      case PHOTOMETRIC_YCBCR where bits == 8 && !isNumber: self = Self.ycbcr(reader)
      default:
        throw reader.file.error(
          .unsupported("\(Self.name(meaning)) with \(bits) bits a sample"))
      }
    }

    /// Where PIL has libjpeg or libtiff convert YCbCr, Dino has, and where PIL does it itself, Dino
    /// does: their values differ in the last bit.
    private static func ycbcr(_ reader: borrowing TIFFReader) -> TIFFColours {
      let isChunky = reader.field(TIFFTAG_PLANARCONFIG, or: 1) == PLANARCONFIG_CONTIG
      switch Int32(reader.field(TIFFTAG_COMPRESSION, or: 1)) {
      case COMPRESSION_JPEG where isChunky && dino_tiff_read_jpeg_as_rgb(reader.tiff): return .rgb
      case COMPRESSION_NONE where isChunky && dino_tiff_has_all_colours(reader.tiff): return .ycbcr
      default: return .converted
      }
    }

    private static func name(_ meaning: Int32) -> String {
      switch meaning {
      case PHOTOMETRIC_SEPARATED: "ink"
      case PHOTOMETRIC_PALETTE: "a palette"
      case PHOTOMETRIC_YCBCR: "YCbCr"
      case PHOTOMETRIC_CIELAB, PHOTOMETRIC_ICCLAB, PHOTOMETRIC_ITULAB: "L*a*b* colours"
      case PHOTOMETRIC_LOGL, PHOTOMETRIC_LOGLUV: "logarithmic luminance"
      case PHOTOMETRIC_CFA: "the mosaic of a sensor"
      default: "photometric interpretation \(meaning)"
      }
    }

    /// Reads a palette. Like PIL, it keeps the upper byte of each value.
    private static func palette(
      _ reader: borrowing TIFFReader, count: Int
    ) throws(ImageError) -> [UInt8] {
      var columns: (UnsafePointer<UInt16>?, UnsafePointer<UInt16>?, UnsafePointer<UInt16>?)
      guard dino_tiff_palette(reader.tiff, &columns.0, &columns.1, &columns.2),
        let red = columns.0, let green = columns.1, let blue = columns.2
      else { throw reader.file.error(.damaged("it has no palette")) }
      return (0..<count).flatMap { index in
        [red[index], green[index], blue[index]].map { UInt8($0 >> 8) }
      }
    }

    /// The level of each whole number of some bits: of grey rounded, of colours the upper 8 bits,
    /// as of a PNG file. An index into a palette stays what it is.
    func levels(bits: Int) -> [UInt8] {
      let most = 1 << bits - 1
      return (0...most).map { value in
        let rounded = UInt8((value * 255 + most / 2) / most)
        return switch self {
        case .palette: UInt8(value)
        case .grey: rounded
        case .whiteIsZero: 255 - rounded
        case .rgb, .ink, .ycbcr, .converted: bits > 8 ? UInt8(value >> (bits - 8)) : rounded
        }
      }
    }

    /// Converts the levels of a row to RGB.
    ///
    /// - Parameter stride: the levels of a pixel; one more than the colours have if the last is the
    ///   alpha that they were multiplied by.
    func convert(
      _ levels: UnsafePointer<UInt8>, stride: Int, width: Int,
      into rgb: UnsafeMutablePointer<UInt8>
    ) {
      func each(_ body: (UnsafePointer<UInt8>, UnsafeMutablePointer<UInt8>) -> Void) {
        for x in 0..<width { body(levels + x * stride, rgb + x * 3) }
      }
      func each(_ level: (_ pixel: UnsafePointer<UInt8>, _ channel: Int) -> UInt8) {
        each { pixel, to in for channel in 0..<3 { to[channel] = level(pixel, channel) } }
      }
      switch self {
      case .rgb where stride == 3, .converted: rgb.update(from: levels, count: width * 3)
      case .rgb: each { pixel, channel in Self.divided(pixel[channel], by: Int(pixel[3])) }
      case .grey where stride == 1, .whiteIsZero where stride == 1: each { pixel, _ in pixel[0] }
      case .grey, .whiteIsZero: each { pixel, _ in Self.divided(pixel[0], by: Int(pixel[1])) }
      case .palette(let palette):
        palette.withUnsafeBufferPointer { palette in
          each { pixel, channel in palette[Int(pixel[0]) * 3 + channel] }
        }
      case .ycbcr: each(Self.light)
      case .ink: each { pixel, channel in Self.printed(pixel[channel], black: pixel[3]) }
      }
    }

    /// Returns a colour that alpha was multiplied into without it, as PIL computes it.
    private static func divided(_ colour: UInt8, by alpha: Int) -> UInt8 {
      switch alpha {
      case 255: colour
      case 0: 0
      default: UInt8(min(255, Int(colour) * 255 / alpha))
      }
    }

    /// Returns red, green or blue of a pixel of YCbCr, in PIL's numbers of a 64th.
    private static func light(_ pixel: UnsafePointer<UInt8>, _ channel: Int) -> UInt8 {
      func part(_ sample: Int, _ factor: Double) -> Int {
        Int(factor * 64 * Double(Int(pixel[sample]) - 128) + 0.5)
      }
      let difference =
        switch channel {
        case 0: part(2, 1.402)
        case 1: part(1, -0.34414) + part(2, -0.71414)
        default: part(1, 1.772)
        }
      return UInt8(min(255, max(0, Int(pixel[0]) + difference >> 6)))
    }

    /// Returns the light that an ink and black leave, as PIL computes it.
    private static func printed(_ ink: UInt8, black: UInt8) -> UInt8 {
      let light = 255 - Int(black)
      // ink · light / 255, rounded.
      let product = Int(ink) * light + 128
      return UInt8(max(0, light - (product + product >> 8) >> 8))
    }
  }
#endif
