#if canImport(CTIFF)
  import CTIFF

  /// Reads the first page of TIFF files.
  enum TIFFCodec: ImageCodec {
    /// The directory may be anywhere, so this takes the whole file.
    static func size(of file: ImageInput) throws(ImageError) -> ImageSize? {
      guard file.isWhole else { return nil }
      let reader = try TIFFReader(file)
      return reader.orientation.turned(try reader.size())
    }

    static func image(of file: ImageInput, scale: ScaleChoice) throws(ImageError) -> RGBImage {
      let reader = try opened(file)
      let layout = try TIFFLayout(reader)
      let image =
        if case .converted = layout.colours {
          try converted(reader, layout.size)
        } else {
          try TIFFBlocks(reader, layout).image(reader)
        }
      try reader.checkStreams()
      return image.upright(from: reader.orientation)
    }

    /// The samples of the first page or, if there are as many pages of one sample as channels are
    /// wanted, those of all pages.
    static func samples(
      of file: ImageInput, channels: Int, scale: ScaleChoice
    ) throws(ImageError) -> FileSamples {
      let reader = try opened(file)
      let layout = try TIFFLayout(reader, all: true)
      guard layout.colours.areStored else {
        return FileSamples(try image(of: file, scale: scale))
      }
      let pages = layout.samples == 1 && channels > 1 ? reader.pages : 1
      let isStack = pages > 1 && pages == channels
      try file.limits.check(layout.size, samples: isStack ? pages : layout.samples, name: file.name)
      var values = try TIFFBlocks(reader, layout).planes(reader)
      for page in isStack ? 1..<pages : 1..<1 {
        try reader.select(page: page)
        let next = try TIFFLayout(reader, all: true)
        guard next.size == layout.size, next.samples == 1, next.depth == layout.depth else {
          throw file.error(
            .unsupported("its page \(page + 1) has another size or other samples than the first"))
        }
        values += try TIFFBlocks(reader, next).planes(reader)
      }
      try reader.checkStreams()
      var samples = FileSamples(
        size: layout.size, colours: isStack ? pages : layout.withoutAlpha, isRGB: layout.isRGB,
        depth: layout.depth, values: values)
      if layout.isMultiplied { samples.divideByAlpha(at: layout.withoutAlpha) }
      return samples.upright(from: reader.orientation)
    }

    /// Opens a file whose size is within the limits and whose compression libtiff decodes.
    private static func opened(_ file: ImageInput) throws(ImageError) -> TIFFReader {
      let reader = try TIFFReader(file)
      try file.limits.check(try reader.size(), name: file.name)
      let compression = reader.field(TIFFTAG_COMPRESSION, or: UInt16(COMPRESSION_NONE))
      guard TIFFIsCODECConfigured(compression) != 0 else {
        throw file.error(.unsupported("TIFF compression \(compression)"))
      }
      return reader
    }

    /// Has libtiff convert the whole image, which may have fewer samples of colour than of
    /// brightness.
    private static func converted(
      _ reader: borrowing TIFFReader, _ size: ImageSize
    ) throws(ImageError) -> RGBImage {
      let tiff = reader.tiff
      let block = TIFFIsTiled(tiff) != 0 ? TIFFTileSize(tiff) : TIFFStripSize(tiff)
      try reader.file.limits.check(workspace: Int(block), name: reader.file.name)
      var done = false
      let stored = Int32(reader.field(TIFFTAG_ORIENTATION, or: 1))
      let pixels = withUnsafeTemporaryAllocation(
        of: UInt32.self, capacity: size.width * size.height
      ) { raster in
        // The orientation in which the file is stored leaves the pixels where they are.
        done =
          TIFFReadRGBAImageOriented(
            tiff, UInt32(size.width), UInt32(size.height), raster.baseAddress, stored, 1)
          != 0
        if !done { return [UInt8]() }
        return [UInt8](unsafeUninitializedCapacity: raster.count * 3) { rgb, count in
          count = raster.count * 3
          for (index, colour) in raster.enumerated() {
            for channel in 0..<3 {
              rgb[index * 3 + channel] = UInt8(truncatingIfNeeded: colour >> (channel * 8))
            }
          }
        }
      }
      if !done { throw reader.damage() }
      return RGBImage(width: size.width, height: size.height, pixels: pixels)
    }
  }
#endif
