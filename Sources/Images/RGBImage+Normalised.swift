extension RGBImage {
  /// Writes (value / 255 − mean) / std of each channel into `planes`, [3, height, width]: bit for
  /// bit torchvision's `ToTensor` and `Normalize`.
  ///
  /// - Parameters:
  ///   - mean, std: of red, green and blue, for values in 0 … 1.
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
