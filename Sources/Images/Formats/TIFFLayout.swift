#if canImport(CTIFF)
  import CTIFF

  /// What the directory of a TIFF file says about its pixels.
  struct TIFFLayout {
    let size: ImageSize
    let bits: Int
    /// The number of samples of a pixel.
    let samples: Int
    /// How many of them are needed: the colours, and alpha if the colours were multiplied by it.
    let needed: Int
    let colours: TIFFColours
    /// Whether each sample has a plane of its own.
    let isPlanar: Bool
    /// The kind of number; `nil` if these are whole numbers of at most 16 bits.
    let number: TIFFNumber?

    private enum Format { static let signed = 2, float = 3, void = 4 }

    init(_ reader: borrowing TIFFReader) throws(ImageError) {
      size = try reader.size()
      bits = Int(reader.field(TIFFTAG_BITSPERSAMPLE, or: 1))
      samples = Int(reader.field(TIFFTAG_SAMPLESPERPIXEL, or: 1))
      isPlanar = reader.field(TIFFTAG_PLANARCONFIG, or: 1) == PLANARCONFIG_SEPARATE
      let format = Int(reader.field(TIFFTAG_SAMPLEFORMAT, or: 1))
      guard let number = Self.number(bits: bits, format: format) else {
        throw reader.file.error(
          .unsupported("samples of \(bits) bits in sample format \(format)"))
      }
      self.number = number
      colours = try TIFFColours(reader, bits: bits, isNumber: number != nil)
      var extra: UInt16 = 0
      let kinds = dino_tiff_extra_samples(reader.tiff, &extra)
      let first = extra > 0 ? kinds.map { Int32($0[0]) } : nil
      let isMultiplied = number == nil && first == EXTRASAMPLE_ASSOCALPHA
      needed = colours.count + (isMultiplied && colours.count != 4 ? 1 : 0)
      guard samples >= needed else {
        throw reader.file.error(
          .damaged("its pixels have \(samples) samples, and \(needed) are needed"))
      }
    }

    /// Returns the kind of number that samples are, `.some(nil)` for whole numbers that a table
    /// holds; `nil` if there is none. As in PIL, 8 bits never have a sign.
    private static func number(bits: Int, format: Int) -> TIFFNumber?? {
      switch (bits, format) {
      case (8, Format.signed), (1...16, 1), (1...16, Format.void): .some(nil)
      case (16, Format.signed): .signed16
      case (32, Format.signed): .signed32
      case (64, Format.signed): .signed64
      case (32, 1), (32, Format.void): .unsigned32
      case (64, 1), (64, Format.void): .unsigned64
      case (16, Format.float): .float16
      case (32, Format.float): .float32
      case (64, Format.float): .float64
      default: nil
      }
    }
  }
#endif
