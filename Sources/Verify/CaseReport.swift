/// The differences between a replayed case and its recorded results.
package struct CaseReport: Sendable {
  /// A family of values that share a tolerance.
  package enum Family: String, CaseIterable, Sendable {
    case losses
    case gradientNorms = "gradient_norms"
    case gradients
    case parameters
    case features
    case rectangularFeatures = "rectangular_features"

    /// The largest relative error that counts as agreement in fp32.
    package var tolerance: Double {
      switch self {
      case .losses, .gradientNorms: 1e-4
      case .gradients, .features, .rectangularFeatures: 1e-3
      case .parameters: 2e-3
      }
    }

    /// The tolerance if matrix products round their factors to bfloat16, which has eight
    /// significant bits.
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
    /// What a table shows as one row: a single number, all tensors of a network, or a kind of
    /// token.
    package var group: String
    /// The place of the value, such as `step 2 ibot_loss` or `backbone.norm.weight[3]`.
    package var name: String
    /// The relative error. For a number |difference| / |expected|; for a tensor the largest
    /// difference divided by the largest expected entry. Infinite if the value found is not a
    /// number.
    package var error: Double
    package var found: Double
    package var expected: Double
  }

  /// All comparisons, in order.
  package internal(set) var lines: [Line] = []
  /// For each step the smallest distance between two normalised CLS tokens that KoLeo compared;
  /// empty if KoLeo compares none.
  package internal(set) var nearest: [Double] = []

  /// The first step with tokens so close to each other that rounding decides KoLeo's neighbours
  /// and gradient. In fp32, dot products of unit vectors are exact to 6e-8, which is a distance of
  /// 3e-4.
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

  /// Returns the line of a family with the largest error.
  package func worst(_ family: Family) -> Line? {
    lines.filter { $0.family == family }.max { $0.error < $1.error }
  }

  /// Returns the lines whose error exceeds the tolerance.
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

  /// Returns the indices of an entry, such as `[3, 17]`.
  private static func place(_ place: Int, in shape: [Int]) -> String {
    var rest = place
    let indices = shape.reversed().map { extent in
      defer { rest /= extent }
      return String(rest % extent)
    }
    return "[" + indices.reversed().joined(separator: ", ") + "]"
  }
}

/// The tolerances of the families of a report.
package struct CaseTolerances: Sendable {
  private var given: [CaseReport.Family: Double] = [:]
  private let rounded: Bool

  /// - Parameter rounded: whether matrix products round their factors to bfloat16.
  package init(rounded: Bool = false) { self.rounded = rounded }

  /// The largest relative error that counts as agreement.
  package subscript(family: CaseReport.Family) -> Double {
    given[family] ?? (rounded ? family.roundedTolerance : family.tolerance)
  }

  /// Sets a tolerance: `X` for all families, or `FAMILY=X`. Returns what is wrong with the text,
  /// `nil` if nothing is.
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
