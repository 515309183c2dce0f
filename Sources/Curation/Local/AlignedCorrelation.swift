/// How alike the common part of two pictures is in its fine parts, once one is laid on the other.
struct AlignedCorrelation: Sendable, Equatable {
  /// The correlation, from −1 to 1; 0 if too little is common.
  let correlation: Double
  /// The share of the smaller picture that is common.
  let share: Double

  /// Samples along the longer side of the common part.
  private static let samples = 48
  /// Samples to each side that are averaged for the coarse part.
  private static let reach = 4
  /// The least share of a picture that says something.
  private static let leastShare = 0.1

  init(_ a: GreyPicture, _ b: GreyPicture, _ alignment: Alignment) {
    guard let frame = Self.frame(a, b, alignment) else {
      (correlation, share) = (0, 0)
      return
    }
    let step = max(frame.right - frame.left, frame.bottom - frame.top) / Float(Self.samples)
    let (columns, rows) = (
      max(1, Int((frame.right - frame.left) / step)), max(1, Int((frame.bottom - frame.top) / step))
    )
    let (smoothA, smoothB) = (
      a.blurred(max(0.5, 0.6 * step)), b.blurred(max(0.5, 0.6 * step * alignment.scale))
    )
    var (one, other): ([Float?], [Float?]) = ([], [])
    for row in 0..<rows {
      for column in 0..<columns {
        let (x, y) = (frame.left + Float(column) * step, frame.top + Float(row) * step)
        let place = alignment(x, y)
        let (p, q) = (smoothA.value(x, y), smoothB.value(place.x, place.y))
        one.append(q == nil ? nil : p)
        other.append(p == nil ? nil : q)
      }
    }
    let common = Float(one.count { $0 != nil }) * step * step
    let areaA = Float(a.width * a.height)
    let areaB = Float(b.width * b.height) / (alignment.scale * alignment.scale)
    share = Double(common / min(areaA, areaB))
    correlation =
      share < Self.leastShare
      ? 0
      : Self.correlation(Self.fine(one, columns, rows), Self.fine(other, columns, rows))
  }

  /// The box of the common part in the first picture; `nil` if there is none, or if the map is none
  /// that a person would make.
  private static func frame(
    _ a: GreyPicture, _ b: GreyPicture, _ alignment: Alignment
  ) -> (left: Float, top: Float, right: Float, bottom: Float)? {
    let determinant = alignment.xx * alignment.yy - alignment.xy * alignment.yx
    guard alignment.scale > 0.1, alignment.scale < 10, determinant > 0 else { return nil }
    // The corners of the second picture in the first.
    let (w, h) = (Float(b.width - 1), Float(b.height - 1))
    let corners = [(0, 0), (w, 0), (0, h), (w, h)].map { x, y -> (x: Float, y: Float) in
      let (u, v) = (x - alignment.dx, y - alignment.dy)
      return (
        (alignment.yy * u - alignment.xy * v) / determinant,
        (alignment.xx * v - alignment.yx * u) / determinant
      )
    }
    let left = max(0, corners.map(\.x).min()!)
    let right = min(Float(a.width - 1), corners.map(\.x).max()!)
    let top = max(0, corners.map(\.y).min()!)
    let bottom = min(Float(a.height - 1), corners.map(\.y).max()!)
    guard right - left >= 8, bottom - top >= 8 else { return nil }
    return (left, top, right, bottom)
  }

  /// Each value less the mean of those around it.
  private static func fine(_ values: [Float?], _ columns: Int, _ rows: Int) -> [Float?] {
    (0..<values.count).map { at in
      guard let value = values[at] else { return nil }
      let (y, x) = (at / columns, at % columns)
      var (sum, count): (Float, Float) = (0, 0)
      for row in max(0, y - reach)...min(rows - 1, y + reach) {
        for column in max(0, x - reach)...min(columns - 1, x + reach) {
          guard let other = values[row * columns + column] else { continue }
          sum += other
          count += 1
        }
      }
      return value - sum / count
    }
  }

  private static func correlation(_ a: [Float?], _ b: [Float?]) -> Double {
    var (product, squareA, squareB): (Double, Double, Double) = (0, 0, 0)
    for (one, other) in zip(a, b) {
      guard let one, let other else { continue }
      product += Double(one * other)
      squareA += Double(one * one)
      squareB += Double(other * other)
    }
    let scale = (squareA * squareB).squareRoot()
    return scale > 1e-9 ? product / scale : 0
  }
}
