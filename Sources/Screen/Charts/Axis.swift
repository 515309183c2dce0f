#if canImport(Glibc)
  import Glibc
#endif

/// An axis of a chart: a range of values and a scale.
package struct Axis: Equatable, Sendable {
  /// The spacing of the values.
  package enum Scale: Sendable {
    case linear, log

    /// Whether the scale has a place for a value.
    func canShow(_ value: Double) -> Bool { value.isFinite && (self == .linear || value > 0) }
  }

  /// The ends of the range.
  package let low: Double
  package let high: Double
  /// The spacing of the values.
  package let scale: Scale

  /// Creates an axis for exactly this range. The values must be positive on a log scale.
  package init(from low: Double, to high: Double, scale: Scale = .linear) {
    precondition(low < high && (scale == .linear || low > 0))
    self.low = low
    self.high = high
    self.scale = scale
  }

  /// Creates an axis that contains all values with a small margin. Values that are not finite, or
  /// not positive on a log scale, are ignored. `nil` if none is left or the
  /// values are extreme (beyond 1e150).
  package init?(holding values: some Sequence<Double>, scale: Scale = .linear) {
    var (low, high) = (Double.infinity, -Double.infinity)
    for value in values where scale.canShow(value) {
      low = min(low, value)
      high = max(high, value)
    }
    self.init(around: low, high, scale: scale)
  }

  /// Creates an axis that contains two values with a small margin. `nil` if the lower one is above the other or
  /// they are extreme (beyond 1e150). They must be positive on a log scale.
  init?(around low: Double, _ high: Double, scale: Scale) {
    guard low <= high, abs(low) < 1e150, abs(high) < 1e150 else { return nil }
    switch scale {
    case .linear:
      let air = high > low ? (high - low) * 0.04 : max(abs(high) * 0.1, 1e-9)
      self.init(from: low - air, to: high + air)
    case .log:
      let air = high > low ? pow(high / low, 0.04) : 1.2
      let (bottom, top) = (max(low / air, 1e-300), high * air)
      guard bottom < top else { return nil }
      self.init(from: bottom, to: top, scale: .log)
    }
  }

  /// Returns the position of a value, 0 at the low end and 1 at the high end. `nil` if the scale
  /// cannot show the value.
  package func position(_ value: Double) -> Double? {
    guard value.isFinite else { return nil }
    switch scale {
    case .linear: return (value - low) / (high - low)
    case .log: return value > 0 ? Glibc.log(value / low) / Glibc.log(high / low) : nil
    }
  }

  /// Returns at most about `count` round values to label, in ascending order, and the distance
  /// between them, which labels have to resolve. The distance is `nil` if all values are powers of
  /// ten.
  package func ticks(atMost count: Int) -> (values: [Double], step: Double?) {
    guard count > 0 else { return ([], nil) }
    if scale == .log, high / low > 10 { return (decades(atMost: count), nil) }
    let step = Self.niceStep(high - low, atMost: count)
    let first = (low / step).rounded(.up)
    var values: [Double] = []
    while values.count <= count {
      let value = (first + Double(values.count)) * step
      guard value <= high + step * 1e-9 else { break }
      values.append(value)
    }
    return (values, step)
  }

  /// Returns 1, 2 or 5 times a power of ten, such that a span has at most `count` ticks.
  private static func niceStep(_ span: Double, atMost count: Int) -> Double {
    let rough = span / Double(count)
    let power = pow(10, floor(log10(rough)))
    let factor = [1.0, 2, 5, 10].first { $0 * power >= rough * 0.999_999 } ?? 10
    return factor * power
  }

  private func decades(atMost count: Int) -> [Double] {
    let first = Int(ceil(log10(low)))
    let last = Int(floor(log10(high)))
    guard first <= last else { return [] }
    let stride = (last - first) / count + 1
    return Swift.stride(from: first, through: last, by: stride).map { pow(10, Double($0)) }
  }
}
