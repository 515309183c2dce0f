import Model
import Testing

@Suite("Positions are interpolated as PyTorch does")
struct PositionInterpolationTests {
  private func apply(_ matrix: PositionInterpolation, _ values: [Float]) -> [Float] {
    let width = values.count
    return (0..<matrix.weights.count / width).map { row in
      (0..<width).reduce(0) { $0 + matrix.weights[row * width + $1] * values[$1] }
    }
  }

  @Test("CLS keeps its position, and weights of a patch sum to one", arguments: [false, true])
  func rows(antialias: Bool) {
    let matrix = PositionInterpolation(
      grid: 7, rows: 3, columns: 5, antialias: antialias, offset: antialias ? 0 : 0.1)
    let ones = apply(matrix, [Float](repeating: 1, count: 50))
    #expect(ones.count == 16)
    #expect(ones.allSatisfy { abs($0 - 1) < 1e-5 })
    var cls = [Float](repeating: 0, count: 50)
    cls[0] = 1
    #expect(apply(matrix, cls) == [1] + [Float](repeating: 0, count: 15))
  }

  @Test("the trained grid itself, without offset, is left as it is", arguments: [false, true])
  func identity(antialias: Bool) {
    let matrix = PositionInterpolation(
      grid: 4, rows: 4, columns: 4, antialias: antialias, offset: 0)
    let values = (0..<17).map { Float($0 * $0 % 13) }
    let found = apply(matrix, values)
    #expect(zip(found, values).allSatisfy { abs($0 - $1) < 1e-5 })
  }

  /// `F.interpolate(torch.arange(16.).view(1, 1, 4, 4) ** 2, …, mode="bicubic")`
  @Test("values agree with torch.nn.functional.interpolate")
  func recorded() {
    let grid: [Float] = [9] + (0..<16).map { Float($0 * $0) }
    for (rows, antialias, offset, expected) in Self.cases {
      let matrix = PositionInterpolation(
        grid: 4, rows: rows, columns: rows, antialias: antialias, offset: offset)
      let found = apply(matrix, grid).dropFirst()
      let worst = zip(found, expected).map { abs($0 - $1) }.max() ?? .infinity
      #expect(found.count == expected.count && worst < 1e-3, "\(rows) \(antialias) \(offset)")
    }
  }

  private static let cases: [(Int, Bool, Double, [Float])] = [
    (
      2, false, 0.1,
      [
        4.3544, 16.2528, 103.8750, 150.6851,
      ]
    ),
    (
      6, false, 0.1,
      [
        -1.4415, -1.4826, -0.8849, 0.3444, 3.3112, 5.7346, 2.9919, 4.7899, 8.4241, 11.8182,
        17.8525, 22.2592, 20.9608, 25.7952, 34.4426, 41.4110, 52.5098, 60.1912, 46.6210,
        53.6202, 65.8420, 75.3589, 90.0685, 100.0847, 102.5822, 112.6488, 129.9350, 143.0628,
        162.8886, 176.2129, 146.8463, 158.8963, 179.4572, 194.9198, 218.0536, 233.5169,
      ]
    ),
    (
      6, false, 0.0,
      [
        -1.4154, -1.4523, -0.8007, 0.5229, 3.5911, 5.9015, 3.1311, 5.0391, 8.8727, 12.4606,
        18.7109, 22.9661, 21.9597, 27.0498, 36.0897, 43.3825, 54.8391, 62.2764, 49.1166,
        56.4711, 69.2159, 79.1452, 94.3067, 104.0084, 106.6120, 117.1484, 135.0995, 148.7338,
        169.1016, 181.9852, 148.7141, 161.1953, 182.3285, 198.2272, 221.7769, 236.6055,
      ]
    ),
    (
      2, true, 0.0,
      [
        13.0107, 27.0637, 109.2538, 149.9941,
      ]
    ),
    (
      3, true, 0.0,
      [
        1.5723, 5.8466, 13.4139, 40.1018, 58.1063, 79.4039, 131.3201, 163.0549, 198.0827,
      ]
    ),
    (
      6, true, 0.0,
      [
        -1.0838, -0.9752, -0.3056, 1.3436, 4.4087, 6.6627, 4.4234, 6.3564, 9.9101, 14.1062,
        20.0554, 24.1339, 21.0979, 25.9150, 34.0278, 42.2500, 52.7582, 59.7208, 52.7471,
        60.1111, 72.2500, 84.0278, 98.5621, 108.0717, 107.7485, 117.9965, 134.6945, 150.4984,
        169.5917, 181.9853, 147.5838, 159.6564, 179.2383, 197.5892, 219.5666, 233.7846,
      ]
    ),
  ]
}
