/// The weights of one axis of a resize: for each resized pixel the run of source pixels it is
/// made of, and the share of each.
///
/// Integers with PIL's 22 binary places, so that the result is the same to the bit
/// (`Resample.c`, `precompute_coeffs` and `normalize_coeffs_8bpc`). When shrinking, the filter is
/// stretched by the factor, which is what keeps fine texture from aliasing.
struct ResizeWeights {
  /// 32 bits less 8 for the pixel and 2 for what a filter overshoots.
  static let places: Int32 = 32 - 8 - 2

  /// The source pixels that each resized one is made of, within 0 ..< source.
  private(set) var spans: [Range<Int>] = []
  /// The weights of the resized pixel i begin at i · stride.
  private let stride: Int
  private var weights: [Int32]

  /// For the resized pixels in `window` out of 0 ..< target, made of 0 ..< source.
  init(source: Int, target: Int, window: Range<Int>, filter: ResizeFilter) {
    let scale = Double(source) / Double(target)
    let stretch = max(scale, 1)
    let support = filter.support * stretch
    stride = Int(support.rounded(.up)) * 2 + 1
    weights = [Int32](repeating: 0, count: stride * window.count)
    var shares = [Double](repeating: 0, count: stride)
    for (index, pixel) in window.enumerated() {
      let centre = (Double(pixel) + 0.5) * scale
      let start = max(0, Int(centre - support + 0.5))
      let end = min(source, Int(centre + support + 0.5))
      var sum = 0.0
      for tap in 0..<end - start {
        // PIL multiplies by the inverse; dividing would differ in the last bit.
        shares[tap] = filter.weight((Double(tap + start) - centre + 0.5) * (1 / stretch))
        sum += shares[tap]
      }
      for tap in 0..<end - start {
        let share = sum == 0 ? shares[tap] : shares[tap] / sum
        weights[index * stride + tap] = Self.fixed(share)
      }
      spans.append(start..<end)
    }
  }

  /// The source pixels that the window needs.
  var reach: Range<Int> {
    spans.map(\.lowerBound).min()!..<spans.map(\.upperBound).max()!
  }

  /// What one resized pixel is made of: `count` source pixels from `start` on, counted from the
  /// first of `reach`.
  struct Run {
    let start: Int
    let count: Int
    let weights: UnsafePointer<Int32>
  }

  /// Lends the runs of all resized pixels in order.
  func withRuns(_ body: (UnsafeBufferPointer<Run>) -> Void) {
    weights.withUnsafeBufferPointer { weights in
      let first = reach.lowerBound
      let runs = spans.enumerated().map { index, span in
        Run(
          start: span.lowerBound - first, count: span.count,
          weights: weights.baseAddress! + index * stride)
      }
      runs.withUnsafeBufferPointer(body)
    }
  }

  private static func fixed(_ share: Double) -> Int32 {
    let scaled = share * Double(1 << places)
    return Int32(scaled + (scaled < 0 ? -0.5 : 0.5))
  }
}
