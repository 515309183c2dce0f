import Model
import Tensor
import Testing

#if canImport(Glibc)
  import Glibc
#endif

@Suite("Rotary positions")
struct RotaryPositionTests {
  @Test("periods of heads 64 wide go from 1 to 75 by equal factors")
  func periods() {
    let periods = RotaryPositions(theta: 100, headWidth: 64).periods
    #expect(periods.count == 16 && periods[0] == 1)
    #expect(abs(periods[15] - 74.989) < 1e-3)
    for (period, next) in zip(periods, periods.dropFirst()) {
      #expect(abs(next / period - 1.333521) < 1e-5)
    }
  }

  @Test(
    "a patch's angles are those of its row and then those of its column, each axis by its own side")
  func rotations() {
    let rotary = RotaryPositions(periods: [1, 4])
    let (rows, columns) = (2, 5)
    let found = rotary.rotations(rows: rows, columns: columns)
    #expect(found.count == rows * columns * rotary.headWidth)
    for row in 0..<rows {
      for column in 0..<columns {
        let (y, x) = (row == 0 ? -0.5 : 0.5, -0.8 + 0.4 * Double(column))
        let turns = [y, y / 4, x, x / 4].map { 2 * Double.pi * $0 }
        let expected = turns.map { cos($0) } + turns.map { sin($0) }
        let first = (row * columns + column) * 8
        for (index, value) in expected.enumerated() {
          #expect(abs(Double(found[first + index]) - value) < 1e-6, "\(row), \(column), \(index)")
        }
      }
    }
  }

  @Test("a backbone with rotations has no positions to learn, and memory for rotations alone")
  func layout() {
    func shape(_ rotary: RotaryPositions?) -> BackboneShape {
      BackboneShape(
        embedDim: 24, depth: 1, numHeads: 2, patchSize: 4, grid: 4, hiddenWidth: 32,
        rotary: rotary)
    }
    let (turned, learned) = (shape(RotaryPositions(theta: 100, headWidth: 12)), shape(nil))
    let names = learned.layout.parameters.map(\.name).filter { $0 != BackboneShape.positions }
    #expect(turned.layout.parameters.map(\.name) == names)
    func memory(_ shape: BackboneShape) -> Int {
      let plan = ArenaPlan(alignment: 16)
      _ = BackbonePass(
        plan, shape, groups: [CropGroup(count: 1, rows: 4, columns: 4)], outputs: 1, retention: nil)
      return plan.used
    }
    #expect(memory(turned) - memory(learned) == 16 * 12)
  }
}
