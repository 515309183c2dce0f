#if canImport(CTIFF)
  import CTIFF

  /// The strips or tiles in which the pixels of a TIFF file are stored. A tile may reach beyond the
  /// right and the lower edge.
  struct TIFFBlocks {
    private let layout: TIFFLayout
    private let isTiled: Bool
    /// The size of a block in pixels.
    private let block: ImageSize
    /// The bytes of a row of a block.
    private let rowBytes: Int
    /// The blocks from left to right and from top to bottom.
    private let across: Int
    private let down: Int
    /// The planes that are read: those of the needed samples, or the one that has them all.
    private let planes: Int

    /// Throws if a block is larger than the limits allow.
    init(_ reader: borrowing TIFFReader, _ layout: TIFFLayout) throws(ImageError) {
      self.layout = layout
      let size = layout.size
      isTiled = TIFFIsTiled(reader.tiff) != 0
      planes = layout.isPlanar ? layout.needed : 1
      if isTiled {
        block = ImageSize(
          width: Int(dino_tiff_long(reader.tiff, UInt32(TIFFTAG_TILEWIDTH))),
          height: Int(dino_tiff_long(reader.tiff, UInt32(TIFFTAG_TILELENGTH))))
        rowBytes = Int(TIFFTileRowSize(reader.tiff))
      } else {
        let rows = Int(dino_tiff_long(reader.tiff, UInt32(TIFFTAG_ROWSPERSTRIP)))
        block = ImageSize(
          width: size.width, height: rows == 0 ? size.height : min(rows, size.height))
        rowBytes = Int(TIFFScanlineSize(reader.tiff))
      }
      let bits = block.width.multipliedReportingOverflow(
        by: layout.bits * (layout.isPlanar ? 1 : layout.samples))
      guard block.width > 0, block.height > 0, !bits.overflow,
        rowBytes >= (bits.partialValue + 7) / 8
      else { throw reader.file.error(.damaged("its strips or tiles have no size")) }
      let bytes = rowBytes.multipliedReportingOverflow(by: block.height * planes)
      try reader.file.limits.check(
        workspace: bytes.overflow ? .max : bytes.partialValue, name: reader.file.name)
      across = (size.width + block.width - 1) / block.width
      down = (size.height + block.height - 1) / block.height
    }

    /// Decodes all blocks.
    func image(_ reader: borrowing TIFFReader) throws(ImageError) -> RGBImage {
      let (size, colours, stride) = (layout.size, layout.colours, layout.needed)
      let samples = try samples(reader)
      var failure: ImageError?
      let pixels = [UInt8](unsafeUninitializedCapacity: size.width * size.height * 3) {
        rgb, count in
        withUnsafeTemporaryAllocation(
          of: UInt8.self, capacity: min(block.width, size.width) * stride
        ) { levels in
          do throws(ImageError) {
            try visit(reader) { row in
              for sample in 0..<stride {
                samples.read(
                  row.bytes[layout.isPlanar ? sample : 0],
                  first: layout.isPlanar ? 0 : sample, step: layout.isPlanar ? 1 : layout.samples,
                  count: row.width, into: levels.baseAddress! + sample, stride: stride)
              }
              colours.convert(
                levels.baseAddress!, stride: stride, width: row.width,
                into: rgb.baseAddress! + (row.y * size.width + row.x) * 3)
            }
            count = size.width * size.height * 3
          } catch {
            failure = error
          }
        }
      }
      if let failure { throw failure }
      return RGBImage(width: size.width, height: size.height, pixels: pixels)
    }

    /// Decodes all blocks and returns the samples as they are stored, [needed, height, width].
    func planes(_ reader: borrowing TIFFReader) throws(ImageError) -> [Float] {
      let (size, plane) = (layout.size, layout.size.width * layout.size.height)
      var failure: ImageError?
      let values = [Float](unsafeUninitializedCapacity: layout.needed * plane) { values, count in
        do throws(ImageError) {
          try visit(reader) { row in
            for sample in 0..<layout.needed {
              layout.read(
                row.bytes[layout.isPlanar ? sample : 0],
                first: layout.isPlanar ? 0 : sample, step: layout.isPlanar ? 1 : layout.samples,
                count: row.width,
                into: values.baseAddress! + sample * plane + row.y * size.width + row.x)
            }
          }
          count = layout.needed * plane
        } catch {
          failure = error
        }
      }
      if let failure { throw failure }
      return values
    }

    /// Returns how samples become levels. Numbers are all read once to find their range.
    private func samples(_ reader: borrowing TIFFReader) throws(ImageError) -> TIFFSamples {
      guard let number = layout.number else {
        return .table(bits: layout.bits, levels: layout.colours.levels(bits: layout.bits))
      }
      var range = TIFFRange(isFraction: number.isFraction)
      try visit(reader) { row in
        for sample in 0..<layout.needed {
          for x in 0..<row.width {
            range.include(
              layout.isPlanar
                ? number.value(row.bytes[sample], x)
                : number.value(row.bytes[0], x * layout.samples + sample))
          }
        }
      }
      return .numbers(number, range: range)
    }

    /// The part of a row of the image that is in a block.
    private struct Row {
      let x: Int
      let y: Int
      let width: Int
      /// Where its samples begin, in each plane.
      let bytes: [UnsafeRawPointer]
    }

    /// Decodes the blocks one after the other and calls `body` with each of their rows.
    private func visit(
      _ reader: borrowing TIFFReader, _ body: (Row) -> Void
    ) throws(ImageError) {
      let blockBytes = rowBytes * block.height
      let raw = UnsafeMutableRawPointer.allocate(byteCount: blockBytes * planes, alignment: 16)
      defer { raw.deallocate() }
      for index in 0..<across * down {
        let x = index % across * block.width
        let y = index / across * block.height
        let rows = min(block.height, layout.size.height - y)
        for plane in 0..<planes {
          try read(
            reader, block: UInt32(plane * across * down + index), into: raw + plane * blockBytes,
            bytes: isTiled ? blockBytes : rows * rowBytes)
        }
        for row in 0..<rows {
          let bytes = (0..<planes).map {
            UnsafeRawPointer(raw + $0 * blockBytes + row * rowBytes)
          }
          body(
            Row(x: x, y: y + row, width: min(block.width, layout.size.width - x), bytes: bytes))
        }
      }
    }

    private func read(
      _ reader: borrowing TIFFReader, block: UInt32, into buffer: UnsafeMutableRawPointer,
      bytes: Int
    ) throws(ImageError) {
      let count =
        isTiled
        ? TIFFReadEncodedTile(reader.tiff, block, buffer, tmsize_t(bytes))
        : TIFFReadEncodedStrip(reader.tiff, block, buffer, tmsize_t(bytes))
      guard count == bytes else { throw reader.damage() }
      try reader.checkStreams()
    }
  }
#endif
