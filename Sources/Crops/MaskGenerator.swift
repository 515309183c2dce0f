import Tensor

#if canImport(Glibc)
  import Glibc
#endif

/// Block masks for the global crops of a batch, as the official code draws them: a share of the
/// crops is masked, with ratios spread evenly over a range; blocks have at least four patches and
/// an aspect of 0.3 to 3.3.
package struct MaskGenerator: Sendable {
  private let seed: UInt64

  private static let aspect: ClosedRange<Float> = 0.3...1 / 0.3
  private static let smallest = 4
  private static let tries = 10

  package init(seed: Int) { self.seed = UInt64(truncatingIfNeeded: seed) }

  /// Masks of a batch, by its number: [crops, rows · columns], ones where a patch is masked. A pure function, called
  /// at the step itself, since the ratios may change while a run goes on.
  package func masks(
    batch: Int, crops: Int, rows: Int, columns: Int, ratioMin: Double, ratioMax: Double,
    probability: Double
  ) -> [Int32] {
    let each = rows * columns
    var masks = [Int32](repeating: 0, count: crops * each)
    let masked = Int(Double(crops) * probability)
    guard masked > 0 else { return masks }
    var shuffle = CounterRandom(seed: seed, use: .mask, batch)
    let order = shuffle.permutation(crops)
    let width = (ratioMax - ratioMin) / Double(masked)
    for number in 0..<masked {
      var random = CounterRandom(seed: seed, use: .mask, batch, 1 + number)
      let ratio = ratioMin + width * (Double(number) + Double(random.uniform()))
      var mask = BlockMask(rows: rows, columns: columns)
      mask.fill(Int(Double(each) * ratio), &random)
      masks.replaceSubrange(order[number] * each..<(order[number] + 1) * each, with: mask.patches)
    }
    return masks
  }

  /// One crop's mask in the making.
  private struct BlockMask {
    let rows: Int
    let columns: Int
    var patches: [Int32]

    init(rows: Int, columns: Int) {
      self.rows = rows
      self.columns = columns
      patches = [Int32](repeating: 0, count: rows * columns)
    }

    /// Adds blocks until `wanted` patches are masked or no block fits.
    mutating func fill(_ wanted: Int, _ random: inout CounterRandom) {
      var count = 0
      while count < wanted {
        // A block covers half of a crop at most.
        let added = addBlock(most: min(wanted - count, rows * columns / 2), &random)
        if added == 0 { return }
        count += added
      }
    }

    /// Tries to mask one more block of at most `most` new patches; gives how many it added.
    private mutating func addBlock(most: Int, _ random: inout CounterRandom) -> Int {
      for _ in 0..<MaskGenerator.tries {
        // Where fewer are left than a block has, its size lies between the two, as officially.
        let area = random.uniform(Float(MaskGenerator.smallest), Float(most))
        let aspect = exp(
          random.uniform(log(MaskGenerator.aspect.lowerBound), log(MaskGenerator.aspect.upperBound))
        )
        let height = Int((area * aspect).squareRoot().rounded())
        let width = Int((area / aspect).squareRoot().rounded())
        guard width < columns && height < rows && width > 0 && height > 0 else { continue }
        let top = random.below(rows - height + 1)
        let left = random.below(columns - width + 1)
        let places = (top..<top + height).flatMap { row in
          (left..<left + width).map { row * columns + $0 }
        }
        let new = places.filter { patches[$0] == 0 }
        guard (1...most).contains(new.count) else { continue }
        for place in new { patches[place] = 1 }
        return new.count
      }
      return 0
    }
  }
}
