/// Averaged pixels as features: the baseline that a network's features should exceed.
package enum RawPixels {
  /// The most pixels of a feature image's side.
  private static let longest = 64

  /// Averages images [n, channels, size, size] over squares until a side has at most 64 pixels.
  ///
  /// Pixels beyond the last whole square are left out. Returns [n, width(size, channels)].
  package static func features(_ images: [Float], size: Int) -> [Float] {
    let cell = cell(size)
    guard cell > 1 else { return images }
    let side = size / cell
    let planes = images.count / (size * size)
    var result = [Float](repeating: 0, count: planes * side * side)
    let share = 1 / Float(cell * cell)
    images.withUnsafeBufferPointer { images in
      result.withUnsafeMutableBufferPointer { result in
        for plane in 0..<planes {
          for y in 0..<side * cell {
            let row = (plane * size + y) * size
            let target = (plane * side + y / cell) * side
            for x in 0..<side * cell { result[target + x / cell] += images[row + x] * share }
          }
        }
      }
    }
    return result
  }

  /// Returns the number of features of an image with `size` pixels a side.
  package static func width(_ size: Int, channels: Int) -> Int {
    let side = size / cell(size)
    return channels * side * side
  }

  private static func cell(_ size: Int) -> Int { (size + longest - 1) / longest }
}
