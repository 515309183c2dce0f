import Tensor

/// Sums over parts of the rows, one after the other in shared workspace.
struct PartialSums {
  let data: Pointer
  let parts: Int
  let width: Int
}

/// How the rows of a sum are cut.
struct SumParts {
  /// Rows of a part, and the parts.
  let size: Int
  let count: Int

  init(_ rows: Int, width: Int, cost: Int? = nil) {
    size = max((rows + 63) / 64, 16_384 / max(1, cost ?? width), 1)
    count = (rows + size - 1) / size
  }
}

extension CPUKernels {
  /// Cuts rows into at most 64 parts by their number and cost alone, and has `body` add each part
  /// to `width` zeros of its own. cost: elements of work a row, `width` where not given.
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

  /// target += `count` of the sums, parts added in their order.
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
