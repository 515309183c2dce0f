import Kernels
import Tensor

/// How the samples of a rank are divided into parts for Sinkhorn-Knopp.
struct SinkhornParts {
  let samples: Int
  /// The number of samples in a part.
  let size: Int
  /// The number of parts, at most `most`.
  let count: Int

  static let most = 16

  init(_ samples: Int) {
    self.samples = samples
    size = max(1, (samples + Self.most - 1) / Self.most)
    count = (samples + size - 1) / size
  }
}

/// The shared workspace of Sinkhorn-Knopp over the ranks of a process.
struct SinkhornWorkspace {
  private let width: Int
  private let parts: Int
  private let levels: Int
  private let samples: Int

  /// - Parameters:
  ///   - ranks: the number of ranks.
  ///   - most: the most samples of a rank.
  ///   - samples: those of all ranks.
  init(ranks: Int, most: Int, samples: Int, prototypes: Int) {
    width = prototypes
    parts = min(most, SinkhornParts.most)
    levels = ranks == 1 ? 0 : SumTree.levels(ranks)
    self.samples = samples
  }

  /// The elements of the workspace: the scale of each column, sums of the columns of ranks, partial sums of
  /// one rank, and the largest logit of each sample.
  var count: Int { (1 + levels + parts) * width + samples }

  func scale(_ memory: Pointer) -> Pointer { memory }
  /// The sums of a level of the tree. Those of a single rank become the scale in place.
  func sums(_ memory: Pointer, level: Int) -> Pointer {
    levels == 0 ? memory : memory + (1 + level) * width
  }
  func partial(_ memory: Pointer) -> Pointer { memory + (1 + levels) * width }
  func largest(_ memory: Pointer) -> Pointer { memory + (1 + levels + parts) * width }
}

extension CPUKernels {
  package func sinkhornKnopp(_ logits: [Matrix], temperature: Float, iterations: Int) {
    precondition(temperature > 0 && iterations > 0)
    let pass = SinkhornPass(self, logits, temperature)
    // Factors common to all samples, such as their number, are left out: the last division by the
    // row's sum would cancel them.
    pass.sumColumns { rank, row, place, partial in
      let weight = exp(Vector(repeating: (pass.largest(rank)[row] - pass.top) / temperature))[0]
      addScaled(pass.width, place, weight, to: partial)
    }
    for iteration in 1...iterations {
      invertColumnSums(pass.width, pass.scale)
      if iteration < iterations {
        pass.sumColumns { _, _, place, partial in
          let total = dot(pass.width, place, pass.scale)
          addScaled(pass.width, place, 1 / total, to: partial)
        }
      } else {
        pass.finish()
      }
    }
  }

  /// Replaces x[i] by exp((x[i] − the largest of its row) / temperature).
  fileprivate func exponentials(_ x: Matrix, _ temperature: Float, _ largest: Pointer) {
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

  /// Computes the sums of a rank's columns. The parts are added in order.
  fileprivate func addParts(_ sums: PartialSums, into target: Pointer) {
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
}

/// One call of Sinkhorn-Knopp: the samples of this process's ranks, and the workspace.
private struct SinkhornPass {
  let width: Int
  /// The scale of each column; before it is inverted, the sum of each column over all ranks.
  let scale: Pointer
  /// The largest logit of all ranks.
  let top: Float
  private let kernels: CPUKernels
  private let logits: [Matrix]
  private let work: SinkhornWorkspace
  private let memory: Pointer

  /// Takes the exponentials of all rows, each scaled by its own largest logit, so that samples that
  /// match no prototype well keep their precision. The sums need one scale for all rows, that of `top`.
  init(_ kernels: CPUKernels, _ logits: [Matrix], _ temperature: Float) {
    (self.kernels, self.logits, width) = (kernels, logits, logits[0].columns)
    let samples = logits.reduce(0) { $0 + $1.rows }
    work = SinkhornWorkspace(
      ranks: logits.count, most: logits.reduce(0) { max($0, $1.rows) }, samples: samples,
      prototypes: width)
    memory = kernels.sharedWorkspace(work.count)
    scale = work.scale(memory)
    let largest = work.largest(memory)
    var first = 0
    for x in logits {
      kernels.exponentials(x, temperature, largest + first)
      first += x.rows
    }
    top = kernels.allReducedMaximum(samples, largest)
  }

  /// The largest logit of each of a rank's samples.
  func largest(_ rank: Int) -> Pointer {
    work.largest(memory) + logits[..<rank].reduce(0) { $0 + $1.rows }
  }

  /// Sums columns over all samples of all ranks into `scale`; `add` adds a row to the partial sums of a
  /// part of its rank.
  func sumColumns(
    _ add: (_ rank: Int, _ row: Int, _ place: Pointer, _ partial: Pointer) -> Void
  ) {
    SumTree.visit(logits.count) { node in
      let rows = logits[node.first]
      let cut = SinkhornParts(rows.rows)
      let sums = PartialSums(data: work.partial(memory), parts: cut.count, width: width)
      kernels.pool.run(chunks: cut.count) { part, _ in
        let partial = sums.data + part * width
        partial.update(repeating: 0, count: width)
        for row in part * cut.size..<min(cut.samples, (part + 1) * cut.size) {
          add(node.first, row, kernels.pointer(rows) + row * width, partial)
        }
      }
      kernels.addParts(sums, into: work.sums(memory, level: node.level))
    } add: { from, to in
      let (source, target) = (
        work.sums(memory, level: from.level), work.sums(memory, level: to.level)
      )
      kernels.parallel(width, cost: 1) { range in
        let place = target + range.lowerBound
        combine(range.count, place, source + range.lowerBound, place) { $0 + $1 }
      }
    }
    if logits.count > 1 { scale.update(from: work.sums(memory, level: 0), count: width) }
    kernels.collectives.allReduceSum(
      UnsafeMutableBufferPointer(start: scale, count: width), as: .fp32)
  }

  /// Writes the assignments: each row times the columns' scales, divided by its sum.
  func finish() {
    for rows in logits {
      let cut = SinkhornParts(rows.rows)
      kernels.pool.run(chunks: cut.count) { part, _ in
        for row in part * cut.size..<min(cut.samples, (part + 1) * cut.size) {
          let place = kernels.pointer(rows) + row * width
          let total = dot(width, place, scale)
          combine(width, place, scale, place) { $0 * $1 / total }
        }
      }
    }
  }
}
