import Tensor

#if canImport(Glibc)
  import Glibc
#endif

/// Draws block masks for the global crops of a batch, as the official code does: some of the crops
/// are masked, with ratios spread evenly over a range. Blocks have at least four patches and an
/// aspect ratio of 0.3 to 3.3.
package struct MaskGenerator: Sendable {
  private let seed: UInt64

  private static let aspect: ClosedRange<Float> = 0.3...1 / 0.3
  private static let smallest = 4
  private static let tries = 10

  package init(seed: Int) { self.seed = UInt64(truncatingIfNeeded: seed) }

  /// Returns the masks of a batch, [crops, rows · columns]: 1 for a masked patch.
  ///
  /// This is a pure function of the batch's number and the arguments. It is called in the step
  /// itself, since the ratios may change during a run.
  ///
  /// - Parameters:
  ///   - rows, columns: the grid of patches of a crop.
  ///   - probability: the share of the crops that are masked.
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

  /// The mask of one crop while it is drawn.
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
        // A block covers at most half of a crop.
        let added = addBlock(most: min(wanted - count, rows * columns / 2), &random)
        if added == 0 { return }
        count += added
      }
    }

    /// Tries to mask one more block of at most `most` new patches. Returns the number of new
    /// patches.
    /// If fewer patches are left than the smallest block has, the area lies between the two
    /// numbers, as in the official code.
    private mutating func addBlock(most: Int, _ random: inout CounterRandom) -> Int {
      for _ in 0..<MaskGenerator.tries {
        // If fewer patches are left than a block has, its size lies between the two, as in the
        // official code.
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
        for patch in new { patches[patch] = 1 }
        return new.count
      }
      return 0
    }
  }
}
