/// How far a replayed case is from what was recorded.
package struct CaseReport: Sendable {
  /// A family of values that share a tolerance.
  package enum Family: String, CaseIterable, Sendable {
    case losses
    case gradientNorms = "gradient norms"
    case gradients = "first gradients"
    case parameters = "final parameters"
    case features

    /// Relative error that counts as agreement in fp32.
    package var tolerance: Double {
      switch self {
      case .losses, .gradientNorms: 1e-4
      case .gradients, .features: 1e-3
      case .parameters: 2e-3
      }
    }
  }

  /// One compared value or tensor.
  package struct Line: Sendable {
    package var family: Family
    /// `step 2 ibot_loss`, `teacher.backbone.norm.weight`
    package var name: String
    /// For a number |difference| / |expected|; for a tensor the largest difference over the
    /// largest entry.
    package var error: Double
  }

  package internal(set) var lines: [Line] = []

  /// The worst line of a family.
  package func worst(_ family: Family) -> Line? {
    lines.filter { $0.family == family }.max { $0.error < $1.error }
  }

  /// The lines that are out of tolerance.
  package var failures: [Line] { lines.filter { !($0.error <= $0.family.tolerance) } }

  mutating func compare(_ family: Family, _ name: String, _ found: Double, _ expected: Double) {
    let error = abs(found - expected) / max(abs(expected), 1e-12)
    lines.append(Line(family: family, name: name, error: error.isNaN ? .infinity : error))
  }

  mutating func compare(
    _ family: Family, _ name: String, _ found: ArraySlice<Float>, _ expected: [Float],
    leavingOut skipped: Range<Int> = 0..<0
  ) {
    precondition(found.count == expected.count)
    var largest: Float = 0
    var difference: Float = 0
    for (i, (a, b)) in zip(found, expected).enumerated() where !skipped.contains(i) {
      largest = max(largest, abs(b))
      difference = a.isNaN ? .infinity : max(difference, abs(a - b))
    }
    lines.append(
      Line(family: family, name: name, error: Double(difference) / Double(max(largest, 1e-12))))
  }
}
