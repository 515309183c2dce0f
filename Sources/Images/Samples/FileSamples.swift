/// The samples of an image file as they are stored, before they are scaled.
struct FileSamples {
  var width: Int
  var height: Int
  /// The number of samples of a pixel that are no alpha, from the first on.
  var colours: Int
  /// Whether the colours are red, green and blue.
  var isRGB: Bool
  /// The least and the greatest number of the samples' type; `nil` for fractions, which have none.
  var depth: ClosedRange<Float>?
  /// [samples, height, width]
  var values: [Float]

  /// The number of samples of a pixel.
  var samples: Int { values.count / (width * height) }

  /// The samples of an image of 8 bits.
  init(_ image: RGBImage) {
    (width, height) = (image.width, image.height)
    (colours, isRGB, depth) = (3, true, 0...255)
    values = image.pixels.withUnsafeBufferPointer { Self.planes(of: $0, 3) { Float($0) } }
  }

  /// Returns the planes of `channels` samples that lie side by side.
  static func planes<Sample>(
    of samples: UnsafeBufferPointer<Sample>, _ channels: Int, _ value: (Sample) -> Float
  ) -> [Float] {
    let count = samples.count / channels
    return [Float](unsafeUninitializedCapacity: samples.count) { planes, made in
      for channel in 0..<channels {
        for index in 0..<count {
          planes[channel * count + index] = value(samples[channels * index + channel])
        }
      }
      made = samples.count
    }
  }

  init(
    size: ImageSize, colours: Int, isRGB: Bool, depth: ClosedRange<Float>?, values: [Float]
  ) {
    (width, height) = (size.width, size.height)
    (self.colours, self.isRGB, self.depth, self.values) = (colours, isRGB, depth, values)
  }

  /// Returns the image that a network is given. Throws if the file has not the channels that the
  /// format asks for, or fractions beyond 0 … 1 that no range scales.
  func image(_ format: SampleFormat, name: String) throws(ImageError) -> SampleImage {
    let count = width * height
    guard let planes = planes(for: format.channels) else {
      throw ImageError(
        name,
        .unsupported(
          "it has \(samples) channel\(samples == 1 ? "" : "s"), and data.channels is "
            + "\(format.channels)"))
    }
    if format.scaling == .type, depth == nil { try checkFractions(name) }
    var made = [Float](repeating: 0, count: format.channels * count)
    made.withUnsafeMutableBufferPointer { made in
      values.withUnsafeBufferPointer { values in
        for (channel, shares) in planes.enumerated() {
          let target = made.baseAddress! + channel * count
          for (plane, share) in shares {
            let source = values.baseAddress! + plane * count
            for index in 0..<count { target[index] += share * source[index] }
          }
          if let range = range(format.scaling, channel) { Self.scale(target, count, range) }
        }
      }
    }
    return SampleImage(width: width, height: height, values: made)
  }

  /// Takes the alpha in a plane out of the colours before it, which were multiplied by it.
  mutating func divideByAlpha(at plane: Int) {
    guard let most = depth?.upperBound else { return }
    let count = width * height
    for index in 0..<count {
      let alpha = values[plane * count + index]
      for colour in 0..<plane {
        let value = values[colour * count + index]
        values[colour * count + index] = alpha > 0 ? min(value * most / alpha, most) : 0
      }
    }
  }

  /// A channel as a sum of samples, each with its share.
  private typealias Shares = [(plane: Int, share: Float)]

  /// Returns what each of `channels` is made of; `nil` if the file does not have it. Alpha is
  /// dropped unless all samples are asked for, colours become grey by ITU-R 601, and grey becomes
  /// three equal colours.
  private func planes(for channels: Int) -> [Shares]? {
    switch channels {
    case samples, colours: (0..<channels).map { [($0, 1)] }
    case 3 where isRGB: (0..<3).map { [($0, 1)] }
    case 1 where isRGB: [[(0, 0.299), (1, 0.587), (2, 0.114)]]
    case 3 where colours == 1: (0..<3).map { _ in [(0, 1)] }
    default: nil
    }
  }

  /// Returns the range of a channel that becomes 0 … 1; `nil` if numbers stay as they are.
  private func range(_ scaling: SampleFormat.Scaling, _ channel: Int) -> ClosedRange<Float>? {
    switch scaling {
    case .type: depth ?? 0...1
    case .ranges(let ranges): ranges[channel]
    case .none: nil
    }
  }

  private func checkFractions(_ name: String) throws(ImageError) {
    let (low, high) = values.reduce(into: (Float.infinity, -Float.infinity)) { ends, value in
      guard value.isFinite else { return }
      ends = (min(ends.0, value), max(ends.1, value))
    }
    guard low < 0 || high > 1 else { return }
    throw ImageError(
      name,
      .unsupported(
        "its fractions go from \(low) to \(high), not from 0 to 1; data.range_min and "
          + "data.range_max say how to scale them"))
  }

  /// Scales a range to 0 … 1. What lies beyond it is clamped; what is no number becomes 0.
  private static func scale(
    _ values: UnsafeMutablePointer<Float>, _ count: Int, _ range: ClosedRange<Float>
  ) {
    let (low, width) = (range.lowerBound, range.upperBound - range.lowerBound)
    for index in 0..<count {
      let scaled = (values[index] - low) / width
      values[index] = scaled > 0 ? min(scaled, 1) : 0
    }
  }
}

extension RGBImage {
  /// Returns the image in a format, as if it were a file of 8 bits. Throws if red, green and blue do
  /// not become the format's channels; the error names it `name`.
  package func samples(_ format: SampleFormat, name: String) throws(ImageError) -> SampleImage {
    try FileSamples(self).image(format, name: name)
  }
}
