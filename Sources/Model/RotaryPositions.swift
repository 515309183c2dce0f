#if canImport(Glibc)
  import Glibc
#endif

/// Axial rotary positions (RoPE) without parameters, as DINOv3 has them.
///
/// A patch's place is the centre of its cell, on each axis from −1 to 1 by that axis' own side. For each
/// period the angle is 2π · place / period: first those of the vertical place, then those of the horizontal.
/// Element i of a head's query or key and element i + half are turned together by angle i.
package struct RotaryPositions: Sendable, Equatable, Codable {
  /// The periods of an axis, a quarter as many as a head is wide.
  package let periods: [Float]

  /// Takes the periods as a file has them, at least one.
  package init(periods: [Float]) {
    precondition(!periods.isEmpty)
    self.periods = periods
  }

  /// Computes the periods theta^(2k / (width / 2)) of heads of a width that 4 divides.
  package init(theta: Double, headWidth: Int) {
    precondition(headWidth > 0 && headWidth % 4 == 0)
    self.init(
      periods: (0..<headWidth / 4).map { Float(pow(theta, 4 * Double($0) / Double(headWidth))) })
  }

  /// The theta of all released DINOv3 models.
  package static let usualTheta = 100.0

  /// The width of the heads whose queries and keys are turned.
  package var headWidth: Int { 4 * periods.count }

  /// The rotations of a grid of patches, row by row: [rows · columns, head width], of each patch the cosines of
  /// its angles and then the sines.
  package func rotations(rows: Int, columns: Int) -> [Float] {
    func place(_ index: Int, of count: Int) -> Double {
      2 * (Double(index) + 0.5) / Double(count) - 1
    }
    var all: [Float] = []
    all.reserveCapacity(rows * columns * headWidth)
    for row in 0..<rows {
      for column in 0..<columns {
        let angles = [place(row, of: rows), place(column, of: columns)].flatMap { place in
          periods.map { 2 * Double.pi * place / Double($0) }
        }
        all += angles.map { Float(cos($0)) }
        all += angles.map { Float(sin($0)) }
      }
    }
    return all
  }
}
