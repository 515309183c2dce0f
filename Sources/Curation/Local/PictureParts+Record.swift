/// The parts of a picture in a record: the numbers of keypoints, columns and rows, the scale, the small
/// picture with a byte for each pixel, and the keypoints with a byte for each value of a descriptor.
extension PictureParts: ImageRecord {
  private static let header = 8
  private static let pictureBytes = longest * longest
  private static let pointBytes = 16 + LocalFeatures.width
  /// What a descriptor's values, which are seldom above a half, are multiplied by.
  private static let unit: Float = 511

  package static let bytes = header + pictureBytes + most * pointBytes

  package var encoded: [UInt8] {
    var bytes = [UInt8](repeating: 0, count: Self.bytes)
    bytes[0] = UInt8(features.keypoints.count)
    (bytes[1], bytes[2]) = (UInt8(picture.width), UInt8(picture.height))
    bytes.put(scale, at: 4)
    for (at, value) in picture.values.enumerated() {
      bytes[Self.header + at] = UInt8((min(max(value, 0), 1) * 255).rounded())
    }
    for (number, point) in features.keypoints.enumerated() {
      let start = Self.start(number)
      for (place, value) in [point.x, point.y, point.scale, point.angle].enumerated() {
        bytes.put(value, at: start + 4 * place)
      }
      for place in 0..<LocalFeatures.width {
        let value = features.descriptors[number * LocalFeatures.width + place]
        bytes[start + 16 + place] = UInt8(min(255, (value * Self.unit).rounded()))
      }
    }
    return bytes
  }

  // Sizes are bounded by the types, so no record leads out of the buffer.
  package init(encoded bytes: [UInt8]) {
    let (width, height) = (min(Int(bytes[1]), Self.longest), min(Int(bytes[2]), Self.longest))
    let values = (0..<width * height).map { Float(bytes[Self.header + $0]) / 255 }
    var descriptors: [Float] = []
    let points = (0..<min(Int(bytes[0]), Self.most)).map { number -> Keypoint in
      let start = Self.start(number)
      descriptors += Self.unitVector(bytes[(start + 16)..<(start + Self.pointBytes)])
      return Keypoint(
        x: bytes.float(at: start), y: bytes.float(at: start + 4),
        scale: bytes.float(at: start + 8), angle: bytes.float(at: start + 12))
    }
    self.init(
      features: LocalFeatures(keypoints: points, descriptors: descriptors),
      picture: GreyPicture(width: width, height: height, values: values),
      scale: bytes.float(at: 4))
  }

  /// Where a keypoint begins.
  private static func start(_ number: Int) -> Int { header + pictureBytes + number * pointBytes }

  private static func unitVector(_ bytes: ArraySlice<UInt8>) -> [Float] {
    let values = bytes.map { Float($0) }
    let length = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return length > 0 ? values.map { $0 / length } : values
  }
}

extension [UInt8] {
  fileprivate mutating func put(_ value: Float, at place: Int) {
    withUnsafeMutableBytes { $0.storeBytes(of: value, toByteOffset: place, as: Float.self) }
  }

  fileprivate func float(at place: Int) -> Float {
    withUnsafeBytes { $0.loadUnaligned(fromByteOffset: place, as: Float.self) }
  }
}
