import Support

#if canImport(Glibc)
  import Glibc
#endif

/// The parts of a pool's pictures, in the places of their images' numbers. One thread writes; others
/// may read what was written before.
package final class KeypointFile: @unchecked Sendable {
  private let path: String
  private let file: Int32

  private static let header = 16
  private static let pictureBytes = PictureParts.longest * PictureParts.longest
  private static let pointBytes = 16 + LocalFeatures.width
  /// The size of the record of an image, in bytes.
  static let record = header + pictureBytes + PictureParts.most * pointBytes
  /// What a descriptor's values, which are seldom above a half, are multiplied by.
  private static let unit: Float = 511

  /// Opens the file, and creates it if there is none.
  package init(path: String) throws(FileError) {
    self.path = path
    file = FileSystem.open(path, O_RDWR | O_CREAT)
    guard file >= 0 else { throw FileError(path, cannot: "be opened") }
  }

  deinit { close(file) }

  /// Whether the parts of an image were written.
  package func has(_ id: Int) -> Bool {
    var byte: UInt8 = 0
    return pread(file, &byte, 1, off_t(id * Self.record)) == 1 && byte == 1
  }

  /// Writes the parts of an image.
  package func put(_ parts: PictureParts, of id: Int) throws(FileError) {
    let bytes = Self.encoded(parts)
    let code = bytes.withUnsafeBytes { FileSystem.write($0, to: file, at: id * Self.record) }
    guard code == 0 else { throw FileError(path, writing: bytes.count, errno: code) }
  }

  /// Returns the parts of an image; `nil` if they were never written.
  package func parts(of id: Int) throws(FileError) -> PictureParts? {
    var bytes = [UInt8](repeating: 0, count: Self.record)
    let (count, code) = bytes.withUnsafeMutableBytes {
      FileSystem.read(file, at: id * Self.record, into: $0)
    }
    guard code == 0 else { throw FileError(path, cannot: "be read", errno: code) }
    guard count > Self.header, bytes[0] == 1 else { return nil }
    return Self.decoded(bytes)
  }

  /// Makes what was written last after a power cut.
  func flush() throws(FileError) {
    guard fdatasync(file) == 0 else { throw FileError(path, cannot: "be flushed") }
  }

  private static func encoded(_ parts: PictureParts) -> [UInt8] {
    let points = parts.features.keypoints
    var bytes = [UInt8](repeating: 0, count: record)
    // The number is one more than it is, so that a hole in the file is no record.
    (bytes[0], bytes[1]) = (1, UInt8(points.count))
    (bytes[2], bytes[3]) = (UInt8(parts.picture.width), UInt8(parts.picture.height))
    bytes.withUnsafeMutableBytes { $0.storeBytes(of: parts.scale, toByteOffset: 4, as: Float.self) }
    for (at, value) in parts.picture.values.enumerated() {
      bytes[header + at] = UInt8((min(max(value, 0), 1) * 255).rounded())
    }
    for (number, point) in points.enumerated() {
      let start = header + pictureBytes + number * pointBytes
      bytes.withUnsafeMutableBytes { bytes in
        for (place, value) in [point.x, point.y, point.scale, point.angle].enumerated() {
          bytes.storeBytes(of: value, toByteOffset: start + 4 * place, as: Float.self)
        }
      }
      for place in 0..<LocalFeatures.width {
        let value = parts.features.descriptors[number * LocalFeatures.width + place]
        bytes[start + 16 + place] = UInt8(min(255, (value * unit).rounded()))
      }
    }
    return bytes
  }

  /// Sizes are bounded by the types, so no record leads out of the buffer.
  private static func decoded(_ bytes: [UInt8]) -> PictureParts {
    let (width, height) = (
      min(Int(bytes[2]), PictureParts.longest), min(Int(bytes[3]), PictureParts.longest)
    )
    let values = (0..<width * height).map { Float(bytes[header + $0]) / 255 }
    var descriptors: [Float] = []
    let points = (0..<min(Int(bytes[1]), PictureParts.most)).map { number -> Keypoint in
      let start = header + pictureBytes + number * pointBytes
      func float(_ place: Int) -> Float {
        bytes.withUnsafeBytes { $0.load(fromByteOffset: start + 4 * place, as: Float.self) }
      }
      descriptors += unitVector(bytes[(start + 16)..<(start + 16 + LocalFeatures.width)])
      return Keypoint(x: float(0), y: float(1), scale: float(2), angle: float(3))
    }
    return PictureParts(
      features: LocalFeatures(keypoints: points, descriptors: descriptors),
      picture: GreyPicture(width: width, height: height, values: values),
      scale: bytes.withUnsafeBytes { $0.load(fromByteOffset: 4, as: Float.self) })
  }

  private static func unitVector(_ bytes: ArraySlice<UInt8>) -> [Float] {
    let values = bytes.map { Float($0) }
    let length = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return length > 0 ? values.map { $0 / length } : values
  }
}
