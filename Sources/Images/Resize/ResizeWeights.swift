/// The weights of one axis of a resize: for each resized pixel the source pixels that contribute to
/// it, and their weights.
///
/// The weights are PIL's (`Resample.c`, `precompute_coeffs`). When an image is reduced, the filter is
/// stretched by the same factor, which prevents aliasing.
struct ResizeWeights<Weight: ResizeWeight> {
  /// For each resized pixel the source pixels that contribute to it, within 0 ..< source.
  private(set) var spans: [Range<Int>] = []
  /// The weights of resized pixel i begin at i · stride.
  private let stride: Int
  private var weights: [Weight]

  /// The weights of the resized pixels in `window`, a part of 0 ..< target, of 0 ..< source.
  init(source: Int, target: Int, window: Range<Int>, filter: ResizeFilter) {
    let scale = Double(source) / Double(target)
    let stretch = max(scale, 1)
    let support = filter.support * stretch
    stride = Int(support.rounded(.up)) * 2 + 1
    weights = [Weight](repeating: Weight(share: 0), count: stride * window.count)
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
        weights[index * stride + tap] = Weight(share: share)
      }
      spans.append(start..<end)
    }
  }

  /// The source pixels that the window depends on.
  var reach: Range<Int> {
    spans.map(\.lowerBound).min()!..<spans.map(\.upperBound).max()!
  }

  /// The source pixels of one resized pixel, `count` from `start` on, counted from the first pixel
  /// of `reach`, and their weights.
  struct Run {
    let start: Int
    let count: Int
    let weights: UnsafePointer<Weight>
  }

  /// Calls `body` with the runs of all resized pixels, which are valid during the call.
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
}

/// A number as which the weights of a resize are stored.
protocol ResizeWeight {
  /// Stores a pixel's share of the sum.
  init(share: Double)
}

extension Float: ResizeWeight {
  init(share: Double) { self = Float(share) }
}

/// A weight for pixels of 8 bits, with PIL's fractional bits, so that the result is the same bit for
/// bit (`normalize_coeffs_8bpc`).
extension Int32: ResizeWeight {
  /// Fractional bits of a weight: 32, less 8 for the pixel and 2 for the overshoot of a filter.
  static let weightPlaces: Int32 = 32 - 8 - 2

  init(share: Double) {
    let scaled = share * Double(1 << Self.weightPlaces)
    self = Int32(scaled + (scaled < 0 ? -0.5 : 0.5))
  }
}
