import Crops
import Testing

@Suite struct MaskGeneratorTests {
  private func counts(_ masks: [Int32], each: Int) -> [Int] {
    stride(from: 0, to: masks.count, by: each).map { start in
      masks[start..<start + each].reduce(0) { $0 + Int($1) }
    }
  }

  private func masks(step: Int, seed: Int = 1) -> [Int32] {
    MaskGenerator(seed: seed).masks(
      batch: step, crops: 24, rows: 16, columns: 16, ratioMin: 0.1, ratioMax: 0.5, probability: 0.5)
  }

  @Test("half of the crops are masked, their ratios spread evenly over the range")
  func stratified() {
    for step in 1...50 {
      let masks = masks(step: step)
      #expect(masks.allSatisfy { $0 == 0 || $0 == 1 })
      let masked = counts(masks, each: 256).filter { $0 > 0 }.sorted()
      #expect(masked.count == 12)
      // Stratum i of 12 requests at most 256 · (0.1 + 0.4 (i + 1) / 12) patches. A few get less.
      for (i, count) in masked.enumerated() {
        let (low, high) = (0.1 + 0.4 * Double(i) / 12, 0.1 + 0.4 * Double(i + 1) / 12)
        #expect(count <= Int(256 * high))
        #expect(count >= Int(256 * low) - 12)
      }
    }
  }

  @Test("masks are blocks: most masked patches have masked neighbours")
  func blocks() {
    var masked = 0
    var alone = 0
    for step in 1...20 {
      let all = masks(step: step)
      for crop in 0..<24 {
        let mask = Array(all[crop * 256..<(crop + 1) * 256])
        for (place, value) in mask.enumerated() where value == 1 {
          let (row, column) = (place / 16, place % 16)
          let near = [(row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)]
          masked += 1
          let hasNone = near.allSatisfy { y, x in
            !(0..<16).contains(y) || !(0..<16).contains(x) || mask[y * 16 + x] == 0
          }
          if hasNone { alone += 1 }
        }
      }
    }
    #expect(Double(alone) / Double(masked) < 0.01)
  }

  @Test("masks depend on seed and step alone, and every crop has its turn")
  func pure() {
    #expect(masks(step: 5) == masks(step: 5))
    #expect(masks(step: 5) != masks(step: 6))
    #expect(masks(step: 5) != masks(step: 5, seed: 2))
    var turns = [Int](repeating: 0, count: 24)
    for step in 1...200 {
      for (crop, count) in counts(masks(step: step), each: 256).enumerated() where count > 0 {
        turns[crop] += 1
      }
    }
    #expect(turns.allSatisfy { (70...130).contains($0) })
  }

  @Test("no probability or no ratio gives no mask; a full ratio masks no more than there is")
  func extremes() {
    let generator = MaskGenerator(seed: 0)
    func total(_ low: Double, _ high: Double, _ probability: Double) -> Int {
      let masks = generator.masks(
        batch: 1, crops: 4, rows: 4, columns: 6, ratioMin: low, ratioMax: high,
        probability: probability)
      #expect(masks.count == 4 * 24)
      return masks.reduce(0) { $0 + Int($1) }
    }
    #expect(total(0.1, 0.5, 0) == 0)
    #expect(total(0, 0, 1) == 0)
    #expect((1...96).contains(total(1, 1, 1)))
  }
}
