import Kernels
import Tensor

#if canImport(Glibc)
  import Glibc
#endif

extension CPUKernels {
  package func distinctArgmax(_ x: Matrix, into result: Scalar) {
    guard x.columns > 0 else { return pointer(result).pointee = 0 }
    let winners = argmax(x)
    pointer(result).pointee = Double(Set(winners).count)
  }

  package func argmaxAgreement(_ a: Matrix, _ b: Matrix, into result: Scalar) {
    precondition(a.rows == b.rows && a.rows > 0)
    let same = zip(argmax(a), argmax(b)).count { $0 == $1 }
    pointer(result).pointee = Double(same) / Double(a.rows)
  }

  /// Returns the column of each row's largest element; of equal elements, the first.
  private func argmax(_ x: Matrix) -> [Int] {
    let source = pointer(x)
    var winners = [Int](repeating: 0, count: x.rows)
    winners.withUnsafeMutableBufferPointer { winners in
      let target = winners.baseAddress!
      parallel(x.rows, cost: x.columns) { rows in
        for row in rows { target[row] = firstMaximum(x.columns, source + row * x.columns) }
      }
    }
    return winners
  }

  package func meanEntropy(_ probabilities: Matrix, into result: Scalar) {
    guard probabilities.rows > 0 else { return pointer(result).pointee = 0 }
    let width = probabilities.columns
    let source = pointer(probabilities)
    let results = sharedWorkspace(probabilities.rows)
    parallel(probabilities.rows, cost: width) { rows in
      for row in rows {
        results[row] = -accumulate(width, source + row * width) { $0 * log($0) }
      }
    }
    let total = (0..<probabilities.rows).reduce(0.0) { $0 + Double(results[$1]) }
    pointer(result).pointee = total / Double(probabilities.rows)
  }

  package func meanCentredCosine(_ a: Matrix, _ b: Matrix, into result: Scalar) {
    precondition(a.rows == b.rows && a.columns == b.columns && a.rows > 0)
    let (first, second, width) = (centred(a), centred(b), a.columns)
    var sum = 0.0
    for row in 0..<a.rows {
      var (dot, aa, bb): (Float, Float, Float) = (0, 0, 0)
      for i in row * width..<(row + 1) * width {
        dot += first[i] * second[i]
        aa += first[i] * first[i]
        bb += second[i] * second[i]
      }
      sum += Double(dot / max((aa * bb).squareRoot(), 1e-12))
    }
    pointer(result).pointee = sum / Double(a.rows)
  }

  package func directionSpread(_ x: Matrix, into result: Scalar) {
    guard x.rows > 0 else { return pointer(result).pointee = 0 }
    let (source, width) = (pointer(x), x.columns)
    var mean = [Double](repeating: 0, count: width)
    for row in 0..<x.rows {
      let values = source + row * width
      let length = Double(accumulate(width, values) { $0 * $0 }).squareRoot()
      let share = 1 / ((length > 1e-12 ? length : length + 1e-12) * Double(x.rows))
      for column in 0..<width { mean[column] += Double(values[column]) * share }
    }
    let spread = 1 - mean.reduce(0) { $0 + $1 * $1 }
    // Rounding may bring it below 0. What is not a number stays so.
    pointer(result).pointee = spread < 0 ? 0 : spread
  }

  package func twinShare(_ x: Matrix, every: Int, cosine: Float, into result: Scalar) {
    precondition(every > 0)
    guard x.rows > 1 else { return pointer(result).pointee = 0 }
    let (width, block) = (x.columns, 4096)
    let chosen = Array(stride(from: 0, to: x.rows, by: every))
    let norms = [Float](unsafeUninitializedCapacity: x.rows) { norms, count in
      let (source, target) = (pointer(x), norms.baseAddress!)
      parallel(x.rows, cost: width) { rows in
        for row in rows {
          target[row] = accumulate(width, source + row * width) { $0 * $0 }.squareRoot()
        }
      }
      count = x.rows
    }
    let scores = Pointer.allocate(capacity: chosen.count * block)
    defer { scores.deallocate() }
    var hasTwin = [Bool](repeating: false, count: chosen.count)
    for start in stride(from: 0, to: x.rows, by: block) {
      let columns = start..<min(x.rows, start + block)
      compute(
        Product(
          m: chosen.count, n: columns.count, k: width,
          a: Factor(pointer(x), stride: every * width),
          b: Factor(pointer(x) + start * width, stride: width, transposed: true),
          target: .sums(scores, stride: block)))
      for (place, row) in chosen.enumerated() where !hasTwin[place] {
        hasTwin[place] = columns.contains { other in
          other != row
            && scores[place * block + other - start] > cosine * norms[row] * norms[other]
        }
      }
    }
    pointer(result).pointee = Double(hasTwin.count { $0 }) / Double(chosen.count)
  }

  /// Returns the rows minus their mean.
  private func centred(_ x: Matrix) -> [Float] {
    let (source, width) = (pointer(x), x.columns)
    var mean = [Float](repeating: 0, count: width)
    for i in 0..<x.buffer.count { mean[i % width] += source[i] / Float(x.rows) }
    return (0..<x.buffer.count).map { source[$0] - mean[$0 % width] }
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

/// The nearest rows of the bank so far for one query, most similar first. Of rows that are equally
/// similar, the earlier one comes first.
private struct Nearest {
  private(set) var rows: [Int] = []
  private(set) var similarities: [Float] = []
  private let count: Int

  init(count: Int) { self.count = count }

  /// Considers the scores of the rows `columns` of the bank.
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
