/// How far a replayed case is from what was recorded.
package struct CaseReport: Sendable {
  /// A family of values that share a tolerance.
  package enum Family: String, CaseIterable, Sendable {
    case losses
    case gradientNorms = "gradient_norms"
    case gradients
    case parameters
    case features
    case rectangularFeatures = "rectangular_features"

    /// Relative error that counts as agreement in fp32.
    package var tolerance: Double {
      switch self {
      case .losses, .gradientNorms: 1e-4
      case .gradients, .features, .rectangularFeatures: 1e-3
      case .parameters: 2e-3
      }
    }

    /// The same where products round their factors to bfloat16, which has eight significant bits.
    package var roundedTolerance: Double {
      switch self {
      case .losses, .gradientNorms: 2e-2
      case .gradients, .features, .rectangularFeatures: 5e-2
      case .parameters: 0.1
      }
    }
  }

  /// One compared number, or the worst entry of one compared tensor.
  package struct Line: Sendable {
    package var family: Family
    /// What it is shown with: the number itself, or all tensors of a network, or a kind of token.
    package var group: String
    /// `step 2 ibot_loss`, `backbone.norm.weight[3]`
    package var name: String
    /// For a number |difference| / |expected|; for a tensor the largest difference over the
    /// largest entry. Infinite where what was found is not a number.
    package var error: Double
    package var found: Double
    package var expected: Double
  }

  package internal(set) var lines: [Line] = []
  /// For each step the least distance between two CLS tokens of unit length that KoLeo compared;
  /// empty where it compares none.
  package internal(set) var nearest: [Double] = []

  /// The first step whose tokens are so near each other that rounding decides KoLeo's neighbours
  /// and gradient: fp32 tells dots of unit vectors apart by 6e-8, which is a distance of 3e-4.
  package var twins: (step: Int, distance: Double)? {
    nearest.enumerated().first { $0.element < 5e-3 }.map { ($0.offset, $0.element) }
  }

  /// The worst line of each group, in the order of the comparison.
  package var worstOfGroups: [Line] {
    var order: [String] = []
    var worst: [String: Line] = [:]
    for line in lines {
      let key = "\(line.family) \(line.group)"
      guard let known = worst[key] else {
        order.append(key)
        worst[key] = line
        continue
      }
      if line.error > known.error { worst[key] = line }
    }
    return order.map { worst[$0]! }
  }

  /// The worst line of a family.
  package func worst(_ family: Family) -> Line? {
    lines.filter { $0.family == family }.max { $0.error < $1.error }
  }

  /// The lines that are out of tolerance.
  package func failures(_ tolerances: CaseTolerances = CaseTolerances()) -> [Line] {
    lines.filter { !($0.error <= tolerances[$0.family]) }
  }

  mutating func compare(_ family: Family, _ name: String, _ found: Double, _ expected: Double) {
    let error = abs(found - expected) / max(abs(expected), 1e-12)
    lines.append(
      Line(
        family: family, group: name, name: name, error: error.isNaN ? .infinity : error,
        found: found, expected: expected))
  }

  mutating func compare(
    _ family: Family, _ group: String, _ name: String, _ found: ArraySlice<Float>,
    _ expected: (shape: [Int], values: [Float]), leavingOut skipped: Range<Int> = 0..<0
  ) {
    precondition(found.count == expected.values.count)
    var largest: Float = 0
    var worst = (difference: Float(-1), place: 0)
    for (i, (a, b)) in zip(found, expected.values).enumerated() where !skipped.contains(i) {
      largest = max(largest, abs(b))
      let difference = a.isNaN ? .infinity : abs(a - b)
      if difference > worst.difference { worst = (difference, i) }
    }
    guard worst.difference >= 0 else { return }
    lines.append(
      Line(
        family: family, group: group, name: name + Self.place(worst.place, in: expected.shape),
        error: Double(worst.difference) / Double(max(largest, 1e-12)),
        found: Double(found[found.startIndex + worst.place]),
        expected: Double(expected.values[worst.place])))
  }

  /// `[3, 17]`
  private static func place(_ place: Int, in shape: [Int]) -> String {
    var rest = place
    let indices = shape.reversed().map { extent in
      defer { rest /= extent }
      return String(rest % extent)
    }
    return "[" + indices.reversed().joined(separator: ", ") + "]"
  }
}

/// The relative error that each family of a report may have.
package struct CaseTolerances: Sendable {
  private var given: [CaseReport.Family: Double] = [:]
  private let rounded: Bool

  /// - Parameter rounded: for products of bfloat16.
  package init(rounded: Bool = false) { self.rounded = rounded }

  /// The largest relative error that counts as agreement.
  package subscript(family: CaseReport.Family) -> Double {
    given[family] ?? (rounded ? family.roundedTolerance : family.tolerance)
  }

  /// Takes `X`, for all families, or `FAMILY=X`; returns what is wrong with anything else.
  package mutating func set(_ text: String) -> String? {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard let value = Double(parts.last ?? ""), value.isFinite, value >= 0 else {
      return "\(text): must be a number of at least 0, or FAMILY=NUMBER, such as losses=1e-5"
    }
    guard parts.count > 1 else {
      for family in CaseReport.Family.allCases { given[family] = value }
      return nil
    }
    guard let family = CaseReport.Family(rawValue: String(parts[0])) else {
      let names = CaseReport.Family.allCases.map(\.rawValue).joined(separator: ", ")
      return "\(text): there is no family '\(parts[0])'; there are: \(names)"
    }
    given[family] = value
    return nil
  }
}
