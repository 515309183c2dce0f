#if canImport(CGIF)
  import CGIF

  /// Reads the first image of GIF files.
  enum GIFCodec: ImageCodec {
    static func size(of file: ImageInput) throws(ImageError) -> ImageSize? {
      try GIFReader.reading(file) { reader throws(ImageError) in reader.size }
    }

    static func image(of file: ImageInput, scale: ScaleChoice) throws(ImageError) -> RGBImage {
      try GIFReader.reading(file) { reader throws(ImageError) in
        try file.limits.check(reader.size, name: file.name)
        return try reader.image()
      }
    }
  }

  /// A GIF file that giflib has read up to the pixels of its first image.
  private struct GIFReader {
    /// The size of the screen, or as much as the first image takes.
    let size: ImageSize
    private let file: ImageInput
    private let gif: UnsafeMutablePointer<GifFileType>
    /// The index that means a pixel of the background.
    private let transparent: Int?

    /// What giflib has yet to read.
    private struct Rest {
      var bytes: UnsafeBufferPointer<UInt8>.SubSequence
    }

    /// Opens a file, reads up to the pixels of its first image, and calls `body`.
    static func reading<Result>(
      _ file: ImageInput, _ body: (GIFReader) throws(ImageError) -> Result
    ) throws(ImageError) -> Result {
      var rest = Rest(bytes: file.bytes[...])
      return try withUnsafeMutablePointer(to: &rest) { rest throws(ImageError) in
        var code: Int32 = 0
        let take: InputFunc = { gif, to, wanted in
          let rest = gif!.pointee.UserData.assumingMemoryBound(to: Rest.self)
          let count = min(Int(wanted), rest.pointee.bytes.count)
          guard count > 0 else { return 0 }
          to!.update(
            from: rest.pointee.bytes.base.baseAddress! + rest.pointee.bytes.startIndex,
            count: count)
          rest.pointee.bytes = rest.pointee.bytes.dropFirst(count)
          return Int32(count)
        }
        guard let gif = DGifOpen(rest, take, &code) else { throw file.error(problem(code)) }
        defer { DGifCloseFile(gif, nil) }
        return try body(GIFReader(file, gif))
      }
    }

    private init(
      _ file: ImageInput, _ gif: UnsafeMutablePointer<GifFileType>
    ) throws(ImageError) {
      (self.file, self.gif) = (file, gif)
      transparent = try Self.findImage(file, gif)
      let image = gif.pointee.Image
      size = ImageSize(
        width: max(Int(gif.pointee.SWidth), Int(image.Left) + Int(image.Width)),
        height: max(Int(gif.pointee.SHeight), Int(image.Top) + Int(image.Height)))
      guard image.Width > 0, image.Height > 0 else {
        throw file.error(.damaged("its first image has no width or no height"))
      }
    }

    /// Reads up to the pixels of the first image. Returns the transparent index that is said before.
    private static func findImage(
      _ file: ImageInput, _ gif: UnsafeMutablePointer<GifFileType>
    ) throws(ImageError) -> Int? {
      func check(_ status: Int32) throws(ImageError) {
        if status != GIF_OK { throw file.error(problem(gif.pointee.Error)) }
      }
      var transparent: Int?
      while true {
        var kind = UNDEFINED_RECORD_TYPE
        try check(DGifGetRecordType(gif, &kind))
        switch kind {
        case IMAGE_DESC_RECORD_TYPE:
          try check(DGifGetImageDesc(gif))
          return transparent
        case EXTENSION_RECORD_TYPE:
          var code: Int32 = 0
          var block: UnsafeMutablePointer<UInt8>?
          try check(DGifGetExtension(gif, &code, &block))
          // The first byte of a block is its length.
          if code == GRAPHICS_EXT_FUNC_CODE, let block, block[0] >= 4, block[1] & 1 != 0 {
            transparent = Int(block[4])
          }
          while block != nil { try check(DGifGetExtensionNext(gif, &block)) }
        default: throw file.error(.damaged("it has no image"))
        }
      }
    }

    /// Decodes the image. What it leaves of the screen has the transparent colour or the first one,
    /// as PIL has it; there is no transparency in the result.
    func image() throws(ImageError) -> RGBImage {
      let palette = palette
      let around = Array(palette[(transparent ?? 0) * 3..<(transparent ?? 0) * 3 + 3])
      let part = gif.pointee.Image
      let width = Int(part.Width)
      var pixels = [UInt8](unsafeUninitializedCapacity: size.width * size.height * 3) { to, count in
        count = size.width * size.height * 3
        for index in 0..<count { to[index] = around[index % 3] }
      }
      var line = [UInt8](repeating: 0, count: width)
      for row in Self.rows(Int(part.Height), isInterlaced: part.Interlace) {
        guard DGifGetLine(gif, &line, Int32(width)) == GIF_OK else {
          throw file.error(Self.problem(gif.pointee.Error))
        }
        let start = ((Int(part.Top) + row) * size.width + Int(part.Left)) * 3
        for x in 0..<width {
          for channel in 0..<3 {
            pixels[start + x * 3 + channel] = palette[Int(line[x]) * 3 + channel]
          }
        }
      }
      return RGBImage(width: size.width, height: size.height, pixels: pixels)
    }

    /// The rows in the order in which they are stored.
    private static func rows(_ height: Int, isInterlaced: Bool) -> [Int] {
      guard isInterlaced else { return Array(0..<height) }
      return [(0, 8), (4, 8), (2, 4), (1, 2)].flatMap { first, step in
        stride(from: first, to: height, by: step)
      }
    }

    /// Red, green and blue of each of 256 indices. Those beyond the palette are black, and without
    /// a palette they are levels of grey, as in PIL.
    private var palette: [UInt8] {
      guard let map = (gif.pointee.Image.ColorMap ?? gif.pointee.SColorMap)?.pointee else {
        return (0..<256).flatMap { [UInt8($0), UInt8($0), UInt8($0)] }
      }
      let colours = (0..<min(256, Int(map.ColorCount))).flatMap { index in
        let colour = map.Colors[index]
        return [colour.Red, colour.Green, colour.Blue]
      }
      return colours + [UInt8](repeating: 0, count: 256 * 3 - colours.count)
    }

    private static func problem(_ code: Int32) -> ImageError.Problem {
      switch code {
      case D_GIF_ERR_NOT_ENOUGH_MEM: .unreadable("not enough memory")
      case D_GIF_ERR_READ_FAILED, D_GIF_ERR_EOF_TOO_SOON: .damaged("the file ends early")
      default: .damaged(GifErrorString(code).map { String(cString: $0) } ?? "giflib error \(code)")
      }
    }
  }
#endif
