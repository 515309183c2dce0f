import Kernels
import KernelsCPU
import Synchronization
import Tensor
import Testing

@Suite("Scans of all pairs")
struct PairTests {
  /// Rows, columns and elements: those that are divided by rows, by columns and by elements, and
  /// sizes that are no multiples of anything.
  private static let shapes = [
    (1, 1, 1), (7, 19, 5), (200, 70, 384), (97, 500, 33), (6, 5, 900), (130, 130, 517),
  ]

  private struct Scanned {
    let pairs: [FoundPair]
    let batches: [[FoundPair]]
    let exact: [Double]
    let error: Double
  }

  private func vectors(_ count: Int, _ width: Int, _ seed: Int) -> [Float] {
    var random = CounterRandom(seed: 5, use: .test, seed)
    return (0..<count * width).map { _ in random.normal() / Float(width).squareRoot() }
  }

  private func scan(
    _ shape: (Int, Int, Int), _ precision: Precision, limit: Float, slack: Float? = nil,
    skip: Int = 0, threads: Int = 2
  ) -> Scanned {
    let (m, n, width) = shape
    let (a, b) = (vectors(m + skip, width, 0), vectors(n, width, 1))
    let bias = (0..<n).map { Float($0 % 3) / 8 }
    let limits = (0..<m).map { limit + Float($0 % 5) / 16 }
    let pool = WorkerPool(threads: threads)
    defer { pool.stop() }
    let kernels = CPUKernels(pool: pool, precision: precision)
    let batches = Mutex<[[FoundPair]]>([])
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        let rows = HostRows(a.baseAddress!, count: m + skip, width: width)
        kernels.scan(
          kernels.prepare(rows), skip..<skip + m,
          HostRows(b.baseAddress!, count: n, width: width), bias: bias, limits: limits,
          slack: slack
        ) { pairs in batches.withLock { $0.append(Array(pairs)) } }
      }
    }
    let found = batches.withLock { $0 }
    var exact = naiveProduct(
      a.dropFirst(skip * width).map(Double.init), b.map(Double.init), m: m, n: n, k: width,
      turnB: true)
    for i in exact.indices { exact[i] += Double(bias[i % n]) }
    let length = { (v: [Float]) in
      stride(from: 0, to: v.count, by: width).map { i in
        v[i..<i + width].reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
      }.max()!
    }
    return Scanned(
      pairs: found.flatMap { $0 }.sorted { ($0.row, $0.column) < ($1.row, $1.column) },
      batches: found, exact: exact,
      error: Double(kernels.scanError(width: width)) * (length(a) * length(b) + 0.25))
  }

  @Test(
    "a scan finds the pairs above a row's limit, up to the stated error",
    arguments: Precision.allCases, [0, 3])
  func limits(_ precision: Precision, skip: Int) {
    for shape in Self.shapes {
      let scanned = scan(shape, precision, limit: 0.1, skip: skip)
      let found = Set(scanned.pairs.map { Int($0.row) * shape.1 + Int($0.column) })
      #expect(found.count == scanned.pairs.count)
      for pair in scanned.pairs {
        let exact = scanned.exact[Int(pair.row) * shape.1 + Int(pair.column)]
        #expect(abs(Double(pair.score) - exact) <= scanned.error)
      }
      for (place, exact) in scanned.exact.enumerated() {
        let limit = 0.1 + Double(place / shape.1 % 5) / 16
        if exact > limit + scanned.error { #expect(found.contains(place)) }
        if exact < limit - scanned.error { #expect(!found.contains(place)) }
      }
    }
  }

  @Test("parts are sorted by row, then by column, also if there are many pairs")
  func sorted() {
    let scanned = scan((200, 300, 40), .fp32, limit: -100)
    #expect(scanned.pairs.count == 200 * 300)
    for batch in scanned.batches {
      for (one, next) in zip(batch, batch.dropFirst()) {
        #expect((one.row, one.column) < (next.row, next.column))
      }
    }
  }

  @Test(
    "with a slack the best of each row is found, and nothing far below it of its part",
    arguments: Precision.allCases)
  func best(_ precision: Precision) {
    for shape in Self.shapes {
      let scanned = scan(shape, precision, limit: -10, slack: 0.05)
      #expect(scanned.pairs.count < max(2 * shape.0, shape.0 * shape.1 / 2))
      for row in 0..<shape.0 {
        let line = scanned.exact[row * shape.1..<(row + 1) * shape.1]
        let best = line.max()!
        let mine = scanned.pairs.filter { $0.row == row }
        let column = line.firstIndex(of: best)! - row * shape.1
        #expect(mine.contains { $0.column == column })
      }
    }
  }

  @Test("the same pairs with the same scores for 1, 2 and 3 threads", arguments: Precision.allCases)
  func threads(_ precision: Precision) {
    for shape in Self.shapes {
      let one = scan(shape, precision, limit: 0, threads: 1).pairs
      #expect(!one.isEmpty || shape.0 == 1)
      for threads in 2...3 {
        #expect(scan(shape, precision, limit: 0, threads: threads).pairs == one)
      }
    }
  }
}
