import Kernels
import Tensor

/// How the samples of Sinkhorn-Knopp are divided into parts.
struct SinkhornParts {
  let samples: Int
  /// The number of samples in a part.
  let size: Int
  /// The number of parts, at most 16.
  let count: Int

  init(_ samples: Int) {
    self.samples = samples
    size = max(1, (samples + 15) / 16)
    count = (samples + size - 1) / size
  }

  /// Returns the elements of shared workspace: the scale of each column, the partial sums of the
  /// columns, and the largest logit of each sample.
  func workspace(_ prototypes: Int) -> Int { (count + 1) * prototypes + samples }
}

extension CPUKernels {
  package func sinkhornKnopp(_ logits: Matrix, temperature: Float, iterations: Int) {
    precondition(temperature > 0 && iterations > 0)
    let (samples, width) = (logits.rows, logits.columns)
    let rows = pointer(logits)
    let cut = SinkhornParts(samples)
    let (size, parts) = (cut.size, cut.count)
    let columnScale = sharedWorkspace(cut.workspace(width))
    let sums = PartialSums(data: columnScale + width, parts: parts, width: width)
    let largest = sums.data + parts * width
    exponentials(logits, temperature, largest)
    // Factors common to all samples, such as their number, are left out: the last division by the
    // row's sum would cancel them.
    sumColumns(logits, largest, allReducedMaximum(samples, largest), temperature, cut, sums.data)
    for iteration in 1...iterations {
      addParts(sums, into: columnScale)
      collectives.allReduceSum(UnsafeMutableBufferPointer(start: columnScale, count: width))
      invertColumnSums(width, columnScale)
      pool.run(chunks: parts) { part, _ in
        let partial = sums.data + part * width
        partial.update(repeating: 0, count: width)
        for row in part * size..<min(samples, (part + 1) * size) {
          let place = rows + row * width
          let total = dot(width, place, columnScale)
          if iteration < iterations {
            addScaled(width, place, 1 / total, to: partial)
          } else {
            combine(width, place, columnScale, place) { $0 * $1 / total }
          }
        }
      }
    }
  }

  /// Computes the partial sums of this rank's columns before the first iteration.
  ///
  /// `exponentials` scaled each row by its own largest logit, so that samples that match no
  /// prototype well keep their precision. The sums need one scale for all rows, that of the largest
  /// logit of all samples, `top`.
  private func sumColumns(
    _ x: Matrix, _ largest: Pointer, _ top: Float, _ temperature: Float, _ cut: SinkhornParts,
    _ sums: Pointer
  ) {
    let (rows, width) = (pointer(x), x.columns)
    pool.run(chunks: cut.count) { part, _ in
      let partial = sums + part * width
      partial.update(repeating: 0, count: width)
      for row in part * cut.size..<min(cut.samples, (part + 1) * cut.size) {
        let weight = exp(Vector(repeating: (largest[row] - top) / temperature))[0]
        addScaled(width, rows + row * width, weight, to: partial)
      }
    }
  }

  /// Replaces x[i] by exp((x[i] − the largest of its row) / temperature).
  private func exponentials(_ x: Matrix, _ temperature: Float, _ largest: Pointer) {
    let width = x.columns
    let first = pointer(x)
    let inverse = 1 / temperature
    parallel(x.rows, cost: width) { rows in
      for row in rows {
        let place = first + row * width
        let top = maximum(width, place)
        largest[row] = top
        map(width, place, place) { exp(($0 - top) * inverse) }
      }
    }
  }

  /// Computes the sums of this rank's columns. The parts are added in order.
  private func addParts(_ sums: PartialSums, into target: Pointer) {
    parallel(sums.width, cost: sums.parts) { range in
      let source = sums.data + range.lowerBound
      let target = target + range.lowerBound
      forEachVector(range.count) { i, lanes in
        var total = sums.parts > 0 ? load(source + i, lanes) : .zero
        for part in 1..<max(1, sums.parts) {
          total += load(source + part * sums.width + i, lanes)
        }
        store(total, target + i, lanes)
      }
    }
  }

  /// Replaces the sum of each of the K columns by 1 / (K · sum). A sum of zero counts as 1e-37,
  /// which a float can invert, so that every row still sums to one.
  private func invertColumnSums(_ width: Int, _ sums: Pointer) {
    let count = Float(width)
    parallel(width, cost: 1) { range in
      let place = sums + range.lowerBound
      map(range.count, place, place) { 1 / (larger($0, Vector(repeating: 1e-37)) * count) }
    }
  }

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

  package func updateCenter(_ center: Buffer, rows: Matrix, momentum: Float) {
    precondition(center.count == rows.columns)
    let width = rows.columns
    let (middle, first) = (pointer(center), pointer(rows))
    // Every rank computes its part of the new center; the sum over the ranks is the new center.
    let ranks = Float(collectives.world)
    let kept = (rows.rows > 0 ? momentum : 1) / ranks
    let share = (1 - momentum) / Float(max(1, rows.rows)) / ranks
    parallel(width, cost: rows.rows, grain: max(65_536, 512 * rows.rows)) { range in
      let place = middle + range.lowerBound
      map(range.count, place, place) { $0 * kept }
      for row in 0..<rows.rows {
        addScaled(range.count, first + row * width + range.lowerBound, share, to: place)
      }
    }
    allReduceSum(center)
  }
}

/// Adds x · scale to `target`.
@inline(__always)
private func addScaled(_ count: Int, _ x: Pointer, _ scale: Float, to target: Pointer) {
  let factor = Vector(repeating: scale)
  combine(count, x, target, target) { $1.addingProduct($0, factor) }
}
