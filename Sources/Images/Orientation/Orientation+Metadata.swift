/// Metadata follow PIL's `Image.getexif`: EXIF comes first, XMP counts where EXIF has no
/// orientation.
extension Orientation {
  /// Finds the orientation that a file's metadata give. A value that is undefined or no number, and
  /// EXIF that cannot be read, count as upright.
  ///
  /// - Parameters:
  ///   - exif: the EXIF data; they may begin with up to two `Exif` identifiers.
  ///   - xmp: the XMP packet.
  init(exif: [UInt8], xmp: [UInt8]) {
    let found = exif.withUnsafeBufferPointer { EXIFTag.orientation(in: $0) }
    let value =
      switch found {
      case .value(let value): value
      case .unreadable: nil as Int?
      case .absent: Self.value(xmp: xmp)
      }
    self = value.flatMap(Self.init(rawValue:)) ?? .upright
  }

  /// Returns the digit after the first `tiff:Orientation="` or `tiff:Orientation>`; `nil` if there
  /// is none.
  private static func value(xmp: [UInt8]) -> Int? {
    let name = "tiff:Orientation".utf8
    return xmp.withUnsafeBufferPointer { bytes in
      var rest = bytes[...]
      while let start = rest.firstIndex(of: name.first!) {
        rest = rest[start...]
        guard rest.starts(with: name) else {
          rest = rest.dropFirst()
          continue
        }
        rest = rest.dropFirst(name.count)
        let signs = rest.starts(with: "=\"".utf8) ? 2 : rest.starts(with: ">".utf8) ? 1 : 0
        if signs > 0, let digit = rest.dropFirst(signs).first, (0x30...0x39).contains(digit) {
          return Int(digit - 0x30)
        }
      }
      return nil
    }
  }
}
