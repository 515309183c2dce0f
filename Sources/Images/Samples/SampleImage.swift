/// An image in memory with any number of channels, each a plane of numbers from 0 to 1, rows from
/// top to bottom.
package struct SampleImage: InputImage, Equatable {
  package let width: Int
  package let height: Int
  /// [channels, height, width]
  package var values: [Float]

  package init(width: Int, height: Int, values: [Float]) {
    precondition(width > 0 && height > 0 && values.count.isMultiple(of: width * height))
    self.width = width
    self.height = height
    self.values = values
  }

  /// The numbers of a plane.
  package var planeCount: Int { width * height }
  package var channels: Int { values.count / planeCount }
  package var bytes: Int { 4 * values.count }

  package func normalised(
    mean: [Float], std: [Float], into planes: UnsafeMutableBufferPointer<Float>
  ) {
    precondition(mean.count == channels && std.count == channels, "one for each channel")
    precondition(planes.count == values.count)
    let count = planeCount
    values.withUnsafeBufferPointer { values in
      for channel in 0..<channels {
        let (mean, std) = (mean[channel], std[channel])
        for index in channel * count..<(channel + 1) * count {
          planes[index] = (values[index] - mean) / std
        }
      }
    }
  }

  /// Returns the first three channels as red, green and blue, or a single one as grey; of two the
  /// first.
  package func picture() -> RGBImage {
    let planes = channels < 3 ? [0, 0, 0] : [0, 1, 2]
    let count = planeCount
    let pixels = [UInt8](unsafeUninitializedCapacity: 3 * count) { pixels, made in
      for (channel, plane) in planes.enumerated() {
        for index in 0..<count {
          let level = (values[plane * count + index] * 255).rounded()
          pixels[3 * index + channel] = UInt8(min(max(level, 0), 255))
        }
      }
      made = 3 * count
    }
    return RGBImage(width: width, height: height, pixels: pixels)
  }
}
