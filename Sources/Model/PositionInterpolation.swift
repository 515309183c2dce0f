#if canImport(Glibc)
  import Glibc
#endif

/// Bicubic interpolation of learned positions to another grid of patches, as a matrix.
///
/// Interpolation is linear in the positions, so that forward and backward are products with this matrix
/// and with its transpose. There are two modes, as in PyTorch's `interpolate`: without antialiasing
/// (kernel a = −0.75, borders repeated), by the scale (n + offset) / grid if an offset is given; and
/// with antialiasing (kernel a = −0.5, widened by the reduction).
package struct PositionInterpolation: Sendable {
  /// The side of the trained grid in patches.
  package let grid: Int
  /// The sides of the target grid in patches.
  package let rows: Int
  package let columns: Int
  /// [1 + rows·columns, 1 + grid²]; the first row and column keep the position of CLS as it is.
  package let weights: [Float]

  /// Computes the weights that resample a trained grid of `grid` × `grid` positions.
  package init(grid: Int, rows: Int, columns: Int, antialias: Bool, offset: Double) {
    self.grid = grid
    self.rows = rows
    self.columns = columns
    func axis(_ count: Int) -> [Double] {
      // With a scale factor, PyTorch maps coordinates by the factor it was given.
      let step =
        offset == 0 ? Double(grid) / Double(count) : Double(grid) / (Double(count) + offset)
      return antialias
        ? Self.antialiased(from: grid, to: count, step: step)
        : Self.plain(from: grid, to: count, step: step)
    }
    let vertical = axis(rows)
    let horizontal = axis(columns)
    let width = 1 + grid * grid
    var matrix = [Float](repeating: 0, count: (1 + rows * columns) * width)
    matrix[0] = 1
    for y in 0..<rows {
      for x in 0..<columns {
        let row = (1 + y * columns + x) * width + 1
        for gy in 0..<grid where vertical[y * grid + gy] != 0 {
          for gx in 0..<grid {
            matrix[row + gy * grid + gx] = Float(
              vertical[y * grid + gy] * horizontal[x * grid + gx])
          }
        }
      }
    }
    weights = matrix
  }

  /// Keys' cubic convolution kernel.
  private static func cubic(_ value: Double, a: Double) -> Double {
    let x = abs(value)
    if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
    if x < 2 { return (((x - 5) * x + 8) * x - 4) * a }
    return 0
  }

  /// One axis without antialiasing: [to, from].
  private static func plain(from: Int, to: Int, step: Double) -> [Double] {
    var weights = [Double](repeating: 0, count: to * from)
    for i in 0..<to {
      let center = (Double(i) + 0.5) * step - 0.5
      let first = Int(floor(center)) - 1
      for tap in first..<first + 4 {
        let clamped = min(max(tap, 0), from - 1)
        weights[i * from + clamped] += cubic(center - Double(tap), a: -0.75)
      }
    }
    return weights
  }

  /// One axis with antialiasing: [to, from].
  private static func antialiased(from: Int, to: Int, step: Double) -> [Double] {
    let stretch = max(step, 1)
    let support = 2 * stretch
    var weights = [Double](repeating: 0, count: to * from)
    for i in 0..<to {
      let center = (Double(i) + 0.5) * step
      let first = max(Int(center - support + 0.5), 0)
      let end = min(Int(center + support + 0.5), from)
      var total = 0.0
      for tap in first..<end {
        let weight = cubic((Double(tap) - center + 0.5) / stretch, a: -0.5)
        weights[i * from + tap] = weight
        total += weight
      }
      for tap in first..<end where total != 0 { weights[i * from + tap] /= total }
    }
    return weights
  }
}
