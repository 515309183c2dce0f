import COpenBLAS
import Kernels
import Tensor

#if canImport(Glibc)
  import Glibc
#endif

extension CPUKernels {
  package func effectiveRank(_ x: Matrix) -> Double {
    let (rows, width) = (x.rows, x.columns)
    guard rows > 1 && width > 0 else { return 0 }
    var (centered, energy) = withoutMean(x)
    let size = min(rows, width)
    var gram = [Float](repeating: 0, count: size * size)
    centered.withUnsafeMutableBufferPointer { values in
      gram.withUnsafeMutableBufferPointer { target in
        let plain = Factor(values.baseAddress!, stride: width)
        let turned = Factor(values.baseAddress!, stride: width, transposed: true)
        compute(
          Product(
            m: size, n: size, k: max(rows, width), a: rows < width ? plain : turned,
            b: rows < width ? turned : plain, c: target.baseAddress!, stride: size))
      }
    }
    let trace = (0..<size).reduce(0.0) { $0 + Double(gram[$1 * size + $1]) }
    guard trace.isFinite else { return .nan }
    // What rounding of the mean leaves of rows that are all equal.
    guard trace > 1e-12 * energy else { return 0 }
    var entropy = 0.0
    for value in eigenvalues(&gram, size) where value > 0 {
      let share = Double(value) / trace
      entropy -= share * log(share)
    }
    return exp(entropy)
  }

  /// The rows less their mean, and Σ x² before it was taken away.
  private func withoutMean(_ x: Matrix) -> (rows: [Float], energy: Double) {
    let source = pointer(x)
    var mean = [Double](repeating: 0, count: x.columns)
    var energy = 0.0
    for row in 0..<x.rows {
      for column in 0..<x.columns {
        let value = Double(source[row * x.columns + column])
        mean[column] += value / Double(x.rows)
        energy += value * value
      }
    }
    let rows = (0..<x.buffer.count).map { Float(Double(source[$0]) - mean[$0 % x.columns]) }
    return (rows, energy)
  }

  /// Of a symmetric matrix, which is destroyed.
  func eigenvalues(_ matrix: inout [Float], _ size: Int) -> [Float] {
    var values = [Float](repeating: 0, count: size)
    var work = [Float](repeating: 0, count: 64 * size)
    let info = dino_eigenvalues(Int32(size), &matrix, &values, &work, Int32(work.count))
    return info == 0 ? values : [Float](repeating: .nan, count: size)
  }

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
            b: Factor(pointer(bank) + start * width, stride: width, transposed: true), c: scores,
            stride: length))
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
