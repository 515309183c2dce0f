extension RGBImage {
  /// (value / 255 − mean) / std of each channel, as floats of shape [3, height, width].
  ///
  /// `mean` and `std` are red, green, blue, of values in 0 … 1. The same to the bit as
  /// torchvision's `ToTensor` and `Normalize`.
  package func normalised(
    mean: [Float], std: [Float], into planes: UnsafeMutableBufferPointer<Float>
  ) {
    precondition(mean.count == 3 && std.count == 3, "a mean and a deviation for each channel")
    let count = width * height
    precondition(planes.count == 3 * count, "the buffer must hold 3 · height · width values")
    pixels.withUnsafeBufferPointer { pixels in
      for channel in 0..<3 {
        let table = (0..<256).map { (Float($0) / 255 - mean[channel]) / std[channel] }
        table.withUnsafeBufferPointer { table in
          let plane = planes.baseAddress! + channel * count
          for index in 0..<count { plane[index] = table[Int(pixels[index * 3 + channel])] }
        }
      }
    }
  }
}
