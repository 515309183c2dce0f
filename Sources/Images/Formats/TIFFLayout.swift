#if canImport(CTIFF)
  import CTIFF

  /// What the directory of a TIFF file says about its pixels.
  struct TIFFLayout {
    let size: ImageSize
    let bits: Int
    /// The number of samples of a pixel.
    let samples: Int
    /// How many of them are read, from the first on.
    let needed: Int
    /// How many are no alpha, from the first on.
    let withoutAlpha: Int
    /// Whether the colours were multiplied by the alpha behind them.
    let isMultiplied: Bool
    let colours: TIFFColours
    /// Whether each sample has a plane of its own.
    let isPlanar: Bool
    /// The kind of number; `nil` if these are whole numbers of at most 16 bits.
    let number: TIFFNumber?

    private enum Format { static let signed = 2, float = 3, void = 4 }

    /// - Parameter all: whether all samples are read, and not only the colours, and alpha if the
    ///   colours were multiplied by it.
    init(_ reader: borrowing TIFFReader, all: Bool = false) throws(ImageError) {
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
      let kinds = Self.extraSamples(reader)
      isMultiplied = number == nil && kinds.first == EXTRASAMPLE_ASSOCALPHA
      let ends = [kinds.first == nil ? nil : samples - kinds.count, samples - 1]
      let alpha = zip(ends, [kinds.first, kinds.last]).first { Self.isAlpha($1) }?.0
      withoutAlpha = alpha ?? samples
      needed = all ? samples : colours.count + (isMultiplied && colours.count != 4 ? 1 : 0)
      guard samples >= needed else {
        throw reader.file.error(
          .damaged("its pixels have \(samples) samples, and \(needed) are needed"))
      }
    }

    /// The kinds of the samples beyond the colours.
    private static func extraSamples(_ reader: borrowing TIFFReader) -> [Int32] {
      var count: UInt16 = 0
      guard let kinds = dino_tiff_extra_samples(reader.tiff, &count) else { return [] }
      return (0..<Int(count)).map { Int32(kinds[$0]) }
    }

    private static func isAlpha(_ kind: Int32?) -> Bool {
      kind == EXTRASAMPLE_ASSOCALPHA || kind == EXTRASAMPLE_UNASSALPHA
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
