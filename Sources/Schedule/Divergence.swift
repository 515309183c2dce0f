import Run
import Support

/// Recognises gradients that grow without bound while all numbers are still finite.
///
/// It is told each step's gradient norms in order. The norm that counts as usual is the smallest mean
/// of twenty steps in a row so far. Training is taken to diverge while the mean of the last three
/// norms is a hundred times the usual one, or above `bound`. Healthy runs stay far below both.
package struct Divergence: Sendable, Equatable {
  /// A norm that no healthy run reaches, also not in its first steps: gradients are clipped at norms
  /// around 3.
  package static let bound = 100_000.0
  /// How many times its usual value a norm may reach.
  package static let factor = 100.0
  private static let block = 20

  private static let metrics: [Metric] = [.gradNormBackbone, .gradNormDinoHead, .gradNormIbotHead]

  /// The course of one of the norms.
  private struct Track: Equatable {
    var recent: [Double] = []
    /// The smallest mean of a block so far; `nil` before the first.
    var usual: Double?
  }

  private var tracks = [Track](repeating: Track(), count: metrics.count)

  package init() {}

  /// Takes in a step. Returns what is wrong in a few words; `nil` if nothing is.
  package mutating func add(_ sample: Sample) -> String? {
    var worst: (text: String, ratio: Double)?
    for (number, metric) in Self.metrics.enumerated() {
      guard let norm = sample[metric] else { continue }
      if tracks[number].recent.count == Self.block { tracks[number].recent.removeFirst() }
      tracks[number].recent.append(norm)
      let last = tracks[number].recent.suffix(3)
      let mean = last.reduce(0, +) / Double(last.count)
      let usual = tracks[number].usual
      if let usual, usual > 0, mean > Self.factor * usual, mean / usual > worst?.ratio ?? 0 {
        worst = (
          "\(metric.rawValue) is \(Format.number(mean / usual)) times its usual", mean / usual
        )
      } else if mean > Self.bound, worst == nil {
        worst = ("\(metric.rawValue) is \(Format.number(mean)); training diverges", 0)
      }
      guard tracks[number].recent.count == Self.block else { continue }
      let whole = tracks[number].recent.reduce(0, +) / Double(Self.block)
      tracks[number].usual = min(usual ?? whole, whole)
    }
    return worst?.text
  }
}
