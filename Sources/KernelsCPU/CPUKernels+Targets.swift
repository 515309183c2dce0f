import Kernels
import Tensor

extension CPUKernels {
  package func centeredSoftmax(_ logits: Matrix, center: Buffer, temperature: Float) {
    precondition(center.count == logits.columns && temperature > 0)
    let width = logits.columns
    let (first, middle) = (pointer(logits), pointer(center))
    let inverse = 1 / temperature
    parallel(logits.rows, cost: width) { rows in
      for row in rows {
        let place = first + row * width
        combine(width, place, middle, place) { $0 - $1 }
        let top = maximum(width, place)
        var total = Vector.zero
        forEachVector(width) { i, lanes in
          store(exp((load(place + i, lanes) - top) * inverse), place + i, lanes)
          total += load(place + i, lanes)
        }
        let factor = 1 / sumOfLanes(total)
        map(width, place, place) { $0 * factor }
      }
    }
  }

  package func standardise(_ x: Matrix, mean: Buffer, square: Buffer, eps: Float) {
    precondition(mean.count == x.columns && square.count == x.columns)
    let width = x.columns
    let (first, means, squares) = (pointer(x), pointer(mean), pointer(square))
    parallel(x.rows, cost: width) { rows in
      for row in rows {
        let place = first + row * width
        forEachVector(width) { i, lanes in
          let middle = load(means + i, lanes)
          // What is less is rounding of a channel that never varies.
          let least = middle * middle * Self.leastVariance
          let variance = load(squares + i, lanes) - middle * middle
          let deviation = variance.replacing(with: least, where: variance .< least).squareRoot()
          store((load(place + i, lanes) - middle) / (deviation + eps), place + i, lanes)
        }
      }
    }
  }

  package func updateCenter(_ center: Buffer, rows: [Matrix], power: Int, momentum: Float) {
    precondition(rows.allSatisfy { $0.columns == center.count } && !rows.isEmpty)
    precondition(power == 1 || power == 2)
    let ranks = Float(rows.count * collectives.place.count)
    let width = center.count
    let middle = pointer(center)
    let work = sharedWorkspace(Self.centerWorkspace(rows.count, width))
    let (sum, levels) = (work, rows.count == 1 ? middle : work + 2 * width)
    func sums(_ level: Int) -> Pointer { levels + level * width }
    // Every rank computes its part of the new center; the sum over the ranks is the new center.
    SumTree.visit(rows.count) { node in
      let own = rows[node.first]
      addRows(of: own, power, into: sum)
      // A rank without rows keeps the old center.
      let kept = (own.rows > 0 ? momentum : 1) / ranks
      let share = (1 - momentum) / Float(max(1, own.rows)) / ranks
      let target = sums(node.level)
      map(width, middle, target) { $0 * kept }
      addScaled(width, sum, share, to: target)
    } add: { from, to in
      parallel(width, cost: 1) { range in
        let (source, target) = (sums(from.level), sums(to.level) + range.lowerBound)
        combine(range.count, target, source + range.lowerBound, target) { $0 + $1 }
      }
    }
    if rows.count > 1 { middle.update(from: levels, count: width) }
    allReduceSum(center, as: .fp32)
  }

  /// The elements of shared workspace to sum the rows of a rank, and the parts of several ranks. A single rank
  /// computes its part in place.
  static func centerWorkspace(_ ranks: Int, _ prototypes: Int) -> Int {
    (2 + (ranks == 1 ? 0 : SumTree.levels(ranks))) * prototypes
  }

  /// Writes the sum of a rank's rows, or of their squares, to the first half of `work`, of twice their width.
  ///
  /// Rows are summed in blocks, and the blocks added: a row that is added to the sum of a hundred thousand would be
  /// lost to rounding.
  private func addRows(of rows: Matrix, _ power: Int, into work: Pointer) {
    let width = rows.columns
    let first = pointer(rows)
    parallel(width, cost: rows.rows, grain: max(65_536, 512 * rows.rows)) { range in
      let (sum, block) = (work + range.lowerBound, work + width + range.lowerBound)
      map(range.count, sum, sum) { _ in .zero }
      for start in stride(from: 0, to: rows.rows, by: Self.rowsOfBlock) {
        map(range.count, block, block) { _ in .zero }
        for row in start..<min(start + Self.rowsOfBlock, rows.rows) {
          let x = first + row * width + range.lowerBound
          if power == 1 {
            combine(range.count, x, block, block) { $0 + $1 }
          } else {
            combine(range.count, x, block, block) { $1.addingProduct($0, $0) }
          }
        }
        combine(range.count, block, sum, sum) { $0 + $1 }
      }
    }
  }

  private static let rowsOfBlock = 256
  /// The least variance of a channel, as a share of the square of its mean.
  private static let leastVariance: Float = 1e-6
}

/// Adds x · scale to `target`.
@inline(__always)
func addScaled(_ count: Int, _ x: Pointer, _ scale: Float, to target: Pointer) {
  let factor = Vector(repeating: scale)
  combine(count, x, target, target) { $1.addingProduct($0, factor) }
}
