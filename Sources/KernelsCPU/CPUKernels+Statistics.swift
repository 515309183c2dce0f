import Kernels
import Tensor

#if canImport(Glibc)
  import Glibc
#endif

extension CPUKernels {
  package func distinctArgmax(_ x: Matrix) -> Int {
    guard x.columns > 0 else { return 0 }
    let source = pointer(x)
    var winners = [Int](repeating: 0, count: x.rows)
    winners.withUnsafeMutableBufferPointer { winners in
      let target = winners.baseAddress!
      parallel(x.rows, cost: x.columns) { rows in
        for row in rows { target[row] = firstMaximum(x.columns, source + row * x.columns) }
      }
    }
    return Set(winners).count
  }

  package func meanEntropy(_ probabilities: Matrix) -> Double {
    guard probabilities.rows > 0 else { return 0 }
    let width = probabilities.columns
    let source = pointer(probabilities)
    let results = shared(probabilities.rows)
    parallel(probabilities.rows, cost: width) { rows in
      for row in rows {
        results[row] = -accumulate(width, source + row * width) { $0 * log($0) }
      }
    }
    let total = (0..<probabilities.rows).reduce(0.0) { $0 + Double(results[$1]) }
    return total / Double(probabilities.rows)
  }

  package func nearest(
    _ queries: Matrix, in bank: Matrix, k: Int
  ) -> (rows: [[Int]], similarities: [[Float]]) {
    precondition(queries.columns == bank.columns && k >= 0)
    let (height, length, width) = (256, 8192, bank.columns)
    let scores = Pointer.allocate(capacity: height * length)
    defer { scores.deallocate() }
    var best = (0..<queries.rows).map { _ in Nearest(count: min(k, bank.rows)) }
    for first in stride(from: 0, to: queries.rows, by: height) where k > 0 {
      let rows = first..<min(queries.rows, first + height)
      for start in stride(from: 0, to: bank.rows, by: length) {
        let columns = start..<min(bank.rows, start + length)
        compute(
          Product(
            m: rows.count, n: columns.count, k: width,
            a: Factor(pointer(queries) + rows.lowerBound * width, stride: width),
            b: Factor(pointer(bank) + start * width, stride: width, transposed: true),
            target: .sums(scores, stride: length)))
        best.withUnsafeMutableBufferPointer { best in
          let lists = best.baseAddress!
          parallel(rows.count, cost: columns.count) { range in
            for row in range { lists[first + row].take(scores + row * length, columns) }
          }
        }
      }
    }
    return (best.map(\.rows), best.map(\.similarities))
  }
}

/// The best so far for one query; of equals the earlier row comes first.
private struct Nearest {
  private(set) var rows: [Int] = []
  private(set) var similarities: [Float] = []
  private let count: Int

  init(count: Int) { self.count = count }

  /// Considers the scores of a stretch of the bank.
  mutating func take(_ scores: Pointer, _ columns: Range<Int>) {
    var first = 0
    while first < columns.count {
      let lanes = min(16, columns.count - first)
      let some = load(scores + first, lanes, fill: -.infinity)
      if rows.count < count || maximumOfLanes(some) > similarities[count - 1] {
        for lane in 0..<lanes { insert(columns.lowerBound + first + lane, some[lane]) }
      }
      first += 16
    }
  }

  private mutating func insert(_ row: Int, _ similarity: Float) {
    guard rows.count < count || similarity > similarities[count - 1] else { return }
    if rows.count == count {
      rows.removeLast()
      similarities.removeLast()
    }
    var place = rows.count
    while place > 0 && similarities[place - 1] < similarity { place -= 1 }
    rows.insert(row, at: place)
    similarities.insert(similarity, at: place)
  }
}
