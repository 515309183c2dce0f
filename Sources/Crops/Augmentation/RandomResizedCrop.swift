import Images
import Tensor

#if canImport(Glibc)
  import Glibc
#endif

/// The boxes of torchvision's `RandomResizedCrop`: a random share of the image's area at a random
/// aspect ratio.
package enum RandomResizedCrop {
  static let aspect = 3.0 / 4...4.0 / 3

  /// Draws a box, in pixels. If ten tries do not fit the image, returns the largest central box.
  package static func box(
    width: Int, height: Int, scale: ClosedRange<Double>, _ random: inout CounterRandom
  ) -> (left: Int, top: Int, width: Int, height: Int) {
    let area = Double(width * height)
    for _ in 0..<10 {
      let target = area * between(scale, &random)
      let ratio = exp(between(log(aspect.lowerBound)...log(aspect.upperBound), &random))
      let w = Int((target * ratio).squareRoot().rounded(.toNearestOrEven))
      let h = Int((target / ratio).squareRoot().rounded(.toNearestOrEven))
      guard 1...width ~= w && 1...height ~= h else { continue }
      let top = random.below(height - h + 1)
      return (random.below(width - w + 1), top, w, h)
    }
    return central(width: width, height: height)
  }

  /// Returns the largest central box with an allowed aspect ratio.
  private static func central(
    width: Int, height: Int
  ) -> (left: Int, top: Int, width: Int, height: Int) {
    let ratio = Double(width) / Double(height)
    var (w, h) = (width, height)
    if ratio < aspect.lowerBound {
      h = min(height, Int((Double(width) / aspect.lowerBound).rounded(.toNearestOrEven)))
    } else if ratio > aspect.upperBound {
      w = min(width, Int((Double(height) * aspect.upperBound).rounded(.toNearestOrEven)))
    }
    return ((width - w) / 2, (height - h) / 2, w, h)
  }
}

/// Draws a number uniformly from a range.
func between(_ range: ClosedRange<Double>, _ random: inout CounterRandom) -> Double {
  range.lowerBound + (range.upperBound - range.lowerBound) * Double(random.uniform())
}
