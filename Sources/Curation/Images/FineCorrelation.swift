/// How alike two pictures are in their fine parts, which tells copies from pictures of the same
/// composition.
enum FineCorrelation {
  private static let side = Thumbnail.side
  /// Pixels on each side that are averaged for the coarse part.
  private static let reach = 2
  /// The farthest shift that is tried, in pixels.
  private static let shift = 1

  /// A picture without its coarse part: each pixel less the mean of those around it.
  static func fine(_ picture: [Float]) -> [Float] {
    (0..<side * side).map { at in
      let (y, x) = (at / side, at % side)
      let (rows, columns) = (
        max(0, y - reach)...min(side - 1, y + reach),
        max(0, x - reach)...min(side - 1, x + reach)
      )
      var sum: Float = 0
      for row in rows { for column in columns { sum += picture[row * side + column] } }
      return picture[at] - sum / Float(rows.count * columns.count)
    }
  }

  /// Returns the largest correlation of two pictures without their coarse parts, of those at small
  /// shifts.
  static func of(_ a: [Float], _ b: [Float]) -> Double {
    var best = -1.0
    for down in -shift...shift {
      for across in -shift...shift { best = max(best, correlation(a, b, down, across)) }
    }
    return best
  }

  private static func correlation(_ a: [Float], _ b: [Float], _ down: Int, _ across: Int) -> Double
  {
    var (product, squareA, squareB): (Double, Double, Double) = (0, 0, 0)
    for y in max(0, -down)..<min(side, side - down) {
      for x in max(0, -across)..<min(side, side - across) {
        let (one, other) = (Double(a[y * side + x]), Double(b[(y + down) * side + x + across]))
        product += one * other
        squareA += one * one
        squareB += other * other
      }
    }
    let scale = (squareA * squareB).squareRoot()
    return scale > 1e-9 ? product / scale : 0
  }
}
