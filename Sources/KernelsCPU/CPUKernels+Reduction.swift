import Tensor

/// The sums over parts of the rows: `parts` vectors of `width` elements in the shared workspace.
struct PartialSums {
  let data: Pointer
  let parts: Int
  let width: Int
}

/// How the rows of a sum are divided into parts.
struct SumParts {
  /// The number of rows in a part.
  let size: Int
  /// The number of parts, at most 64.
  let count: Int

  init(_ rows: Int, width: Int, cost: Int? = nil) {
    size = max((rows + 63) / 64, 16_384 / max(1, cost ?? width), 1)
    count = (rows + size - 1) / size
  }
}

extension CPUKernels {
  /// Divides rows into at most 64 parts, which depend only on their number and cost, and calls
  /// `body` to add the rows of each part to `width` sums that begin at zero.
  ///
  /// - Parameter cost: elements of work for each row; `width` if `nil`.
  func partialSums(
    _ rows: Int, width: Int, cost: Int? = nil,
    _ body: (_ rows: Range<Int>, _ partial: Pointer) -> Void
  ) -> PartialSums {
    let cut = SumParts(rows, width: width, cost: cost)
    let (size, parts) = (cut.size, cut.count)
    let data = sharedWorkspace(parts * width)
    pool.run(chunks: parts) { part, _ in
      let partial = data + part * width
      partial.update(repeating: 0, count: width)
      body(part * size..<min(rows, (part + 1) * size), partial)
    }
    return PartialSums(data: data, parts: parts, width: width)
  }

  /// Adds `count` of the sums, from `first` on, to `target`. The parts are added in order.
  func add(_ sums: PartialSums, from first: Int, count: Int, to target: Pointer) {
    guard sums.parts > 0 else { return }
    parallel(count, cost: sums.parts) { range in
      let source = sums.data + first + range.lowerBound
      let target = target + range.lowerBound
      forEachVector(range.count) { i, lanes in
        var total = load(source + i, lanes)
        for part in 1..<sums.parts {
          total += load(source + part * sums.width + i, lanes)
        }
        store(load(target + i, lanes) + total, target + i, lanes)
      }
    }
  }
}
