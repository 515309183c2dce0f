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
          // Rounding can leave a channel that never varies with less than nothing.
          let variance = load(squares + i, lanes) - middle * middle
          let deviation = variance.replacing(with: 0, where: variance .< 0).squareRoot()
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
    let work = Self.centerWorkspace(rows.count, width)
    let levels = work == 0 ? middle : sharedWorkspace(work)
    func sums(_ level: Int) -> Pointer { levels + level * width }
    // Every rank computes its part of the new center; the sum over the ranks is the new center.
    SumTree.visit(rows.count) { node in
      addPart(of: rows[node.first], power, middle, into: sums(node.level), momentum, ranks)
    } add: { from, to in
      parallel(width, cost: 1) { range in
        let (source, target) = (sums(from.level), sums(to.level) + range.lowerBound)
        combine(range.count, target, source + range.lowerBound, target) { $0 + $1 }
      }
    }
    if work > 0 { middle.update(from: levels, count: width) }
    allReduceSum(center, as: .fp32)
  }

  /// The elements of shared workspace to sum the parts of several ranks. A single rank computes in place.
  static func centerWorkspace(_ ranks: Int, _ prototypes: Int) -> Int {
    ranks == 1 ? 0 : SumTree.levels(ranks) * prototypes
  }

  /// Writes a rank's part of the new center, which is the old one if the rank has no rows.
  private func addPart(
    of rows: Matrix, _ power: Int, _ center: Pointer, into target: Pointer, _ momentum: Float,
    _ ranks: Float
  ) {
    let width = rows.columns
    let first = pointer(rows)
    let kept = (rows.rows > 0 ? momentum : 1) / ranks
    let share = (1 - momentum) / Float(max(1, rows.rows)) / ranks
    parallel(width, cost: rows.rows, grain: max(65_536, 512 * rows.rows)) { range in
      let place = target + range.lowerBound
      map(range.count, center + range.lowerBound, place) { $0 * kept }
      for row in 0..<rows.rows {
        let x = first + row * width + range.lowerBound
        if power == 1 {
          addScaled(range.count, x, share, to: place)
        } else {
          combine(range.count, x, place, place) { $1.addingProduct($0 * $0, share) }
        }
      }
    }
  }
}

/// Adds x · scale to `target`.
@inline(__always)
func addScaled(_ count: Int, _ x: Pointer, _ scale: Float, to target: Pointer) {
  let factor = Vector(repeating: scale)
  combine(count, x, target, target) { $1.addingProduct($0, factor) }
}
