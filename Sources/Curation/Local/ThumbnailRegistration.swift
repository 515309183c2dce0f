/// Lays one thumbnail on another as well as an affine map can, and tells how alike they are there.
///
/// The map is found by Gauss-Newton steps on the differences of intensities (Lucas and Kanade 1981),
/// first of blurred pictures. Intensities are taken relative to those around them, at equal contrast
/// everywhere, so that tints and other contrasts do not matter.
package struct ThumbnailRegistration: Sendable {
  /// The thumbnail from coarse to fine.
  private let layers: [GreyPicture]

  /// Standard deviations of the blur and of the surroundings, in pixels, and the most steps.
  private static let scales: [(blur: Float, around: Float, steps: Int)] = [
    (blur: 1.6, around: 6, steps: 10), (blur: 0.7, around: 4, steps: 8),
  ]
  /// Added to the contrast, of which 1 is that of black and white, so that noise does not count.
  private static let quiet: Float = 0.02
  /// The farthest that a step and all of them may change a parameter; a half side is 1.
  private static let (mostOfStep, most): (Float, Float) = (0.08, 0.45)
  /// A step that changes no parameter by more ends the search.
  private static let still: Float = 1e-3

  /// Prepares a thumbnail to be laid on others.
  package init(_ thumbnail: Thumbnail) {
    let grey = GreyPicture(
      width: Thumbnail.side, height: Thumbnail.side, values: thumbnail.grey.map { $0 / 255 })
    layers = Self.scales.map { Self.details(of: grey.blurred($0.blur), around: $0.around) }
  }

  /// Each value less the mean of those around it, divided by their deviation.
  private static func details(of picture: GreyPicture, around: Float) -> GreyPicture {
    var details = picture
    let means = picture.blurred(around)
    for at in details.values.indices { details.values[at] -= means.values[at] }
    var squares = details
    for at in squares.values.indices { squares.values[at] *= squares.values[at] }
    squares = squares.blurred(around)
    for at in details.values.indices {
      details.values[at] /= squares.values[at].squareRoot() + quiet
    }
    return details
  }

  /// Returns how alike two thumbnails are: the correlation of their common part times the root of its
  /// share of the picture, the mean of laying each on the other.
  package func likeness(to other: ThumbnailRegistration) -> Double {
    (laid(on: other) + other.laid(on: self)) / 2
  }

  private func laid(on other: ThumbnailRegistration) -> Double {
    var change = SIMD8<Float>.zero
    var fit = RegistrationSums()
    for (layer, scale) in Self.scales.enumerated() {
      fit = RegistrationSums(layers[layer], other.layers[layer], change)
      for _ in 0..<scale.steps {
        let step = Self.bounded(fit.step, by: Self.mostOfStep)
        change = Self.bounded(change + step, by: Self.most)
        fit = RegistrationSums(layers[layer], other.layers[layer], change)
        if max(step.max(), -step.min()) < Self.still { break }
      }
    }
    let share = Double(fit.count) / Double(Thumbnail.side * Thumbnail.side)
    return fit.correlation * share.squareRoot()
  }

  private static func bounded(_ change: SIMD8<Float>, by most: Float) -> SIMD8<Float> {
    change.clamped(lowerBound: SIMD8(repeating: -most), upperBound: SIMD8(repeating: most))
  }
}

/// What a Gauss-Newton step needs to know of two pictures under a map: sums over their common part.
struct RegistrationSums {
  /// The pixels of the common part.
  private(set) var count: Float = 0
  private var (sumA, sumB): (Float, Float) = (0, 0)
  private var (squareA, squareB, product): (Float, Float, Float) = (0, 0, 0)
  /// Of the second picture's change with the map: sums alone, by the values of either picture, and
  /// its Gram matrix.
  private var (slope, slopeA, slopeB): (SIMD8<Float>, SIMD8<Float>, SIMD8<Float>) = (
    .zero, .zero, .zero
  )
  private var gram = [SIMD8<Float>](repeating: .zero, count: parameters)

  private static let parameters = 6
  /// Added to the diagonal of the Gram matrix, as a share of its mean.
  private static let damping: Float = 0.01

  init() {}

  /// Compares two pictures of the same square size.
  ///
  /// - Parameter change: the map from places of the first picture to those of the second, as its difference from the
  ///   identity, on a square of side 2 around the origin: of the horizontal place what x, y and 1 add, then of the
  ///   vertical one; two elements are not used.
  init(_ a: GreyPicture, _ b: GreyPicture, _ change: SIMD8<Float>) {
    let half = Float(a.width) / 2
    let middle = half - 0.5
    for row in 0..<a.height {
      for column in 0..<a.width {
        let (x, y) = ((Float(column) - middle) / half, (Float(row) - middle) / half)
        let across = x + change[0] * x + change[1] * y + change[2]
        let down = y + change[3] * x + change[4] * y + change[5]
        guard let there = b.sample(middle + half * across, middle + half * down) else { continue }
        let (dx, dy) = (half * there.across, half * there.down)
        add(
          a[column, row], there.value, SIMD8(dx * x, dx * y, dx, dy * x, dy * y, dy, 0, 0))
      }
    }
  }

  @inline(__always)
  private mutating func add(_ a: Float, _ b: Float, _ change: SIMD8<Float>) {
    count += 1
    sumA += a
    sumB += b
    squareA += a * a
    squareB += b * b
    product += a * b
    slope += change
    slopeA += change * a
    slopeB += change * b
    for row in 0..<Self.parameters { gram[row] += change * change[row] }
  }

  /// The covariances, times the number of pixels.
  private var covariances: (a: Float, b: Float, both: Float) {
    guard count > 0 else { return (0, 0, 0) }
    return (
      squareA - sumA * sumA / count, squareB - sumB * sumB / count, product - sumA * sumB / count
    )
  }

  /// The correlation of the common part; 0 if there is none.
  var correlation: Double {
    let (a, b, both) = covariances
    return Double(both / (max(0, a * b) + 1e-6).squareRoot())
  }

  /// What makes the pictures most alike when it is added to the change, as far as their slopes tell.
  var step: SIMD8<Float> {
    let (a, b, both) = covariances
    guard count > 0, b > 0 else { return .zero }
    // The second picture's contrast is made that of the first; not of the other sign.
    let gain = max(both, 0.3 * (a * b).squareRoot()) / (b + 1e-6)
    let slopes = slopeA - slope * (sumA / count) - (slopeB - slope * (sumB / count)) * gain
    return solved(slopes * gain, gain: gain)
  }

  /// Solves the damped normal equations by elimination.
  private func solved(_ right: SIMD8<Float>, gain: Float) -> SIMD8<Float> {
    var (rows, right) = (gram.map { $0 * (gain * gain) }, right)
    let mean = (0..<Self.parameters).reduce(0) { $0 + rows[$1][$1] } / Float(Self.parameters)
    guard mean > 0 else { return .zero }
    for row in 0..<Self.parameters { rows[row][row] += Self.damping * mean }
    for pivot in 0..<Self.parameters {
      for row in 0..<Self.parameters where row != pivot {
        let factor = rows[row][pivot] / rows[pivot][pivot]
        rows[row] -= rows[pivot] * factor
        right[row] -= right[pivot] * factor
      }
    }
    var result = SIMD8<Float>.zero
    for row in 0..<Self.parameters { result[row] = right[row] / rows[row][row] }
    return result
  }
}
