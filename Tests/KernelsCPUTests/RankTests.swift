import Kernels
import KernelsCPU
import TestSupport
import Tensor
import Testing

@Suite("Kernels over several ranks")
struct RankTests {
  /// Runs a kernel on the rows of each rank, as many as `rows` says, a process each, and gives all of them.
  private func run(
    _ x: [Float], columns: Int, rows: [Int],
    _ body: @escaping @Sendable (Workspace, Matrix) -> [Float]
  ) -> [[Float]] {
    ThreadProcesses(rows.count).run { collectives in
      let w = Workspace(collectives: collectives)
      let first = rows[..<collectives.place.number].reduce(0, +)
      let own = x[first * columns..<(first + rows[collectives.place.number]) * columns]
      return body(w, w.buffer(Array(own)).matrix(rows[collectives.place.number], columns))
    }
  }

  @Test(
    "Sinkhorn-Knopp over ranks assigns as over the whole batch, also beside a rank without samples",
    arguments: [[20, 20], [33, 7], [40, 0], [0, 13, 27]])
  func sinkhornKnopp(rows: [Int]) {
    let w = Workspace()
    let (samples, count) = (40, 130)
    let logits = w.random(samples, count, scale: 0.3)
    // The ranks' largest logits are far apart.
    let x = w.values(logits).enumerated().map { $1 + ($0 < 20 * count ? 0 : 0.8) }
    w.kernels.upload(x, to: logits.buffer)
    w.kernels.sinkhornKnopp([logits], temperature: 0.06, iterations: 3)
    let found = run(x, columns: count, rows: rows) { w, own in
      w.kernels.sinkhornKnopp([own], temperature: 0.06, iterations: 3)
      return w.values(own)
    }
    let difference = zip(found.joined(), w.values(logits)).map { abs($0 - $1) }.max()!
    #expect(difference < 1e-6)
  }

  @Test("the center moves by the mean of the ranks' means; a rank without rows holds it back")
  func center() {
    let w = Workspace()
    let (rows, center) = (w.random(12, 29), w.random(29))
    let (x, c) = (w.values(rows), w.values(center))
    func moved(_ ranks: [Int]) -> [[Float]] {
      run(x, columns: 29, rows: ranks) { w, own in
        let center = w.buffer(c)
        w.kernels.updateCenter(center, rows: [own], momentum: 0.9)
        return w.values(center)
      }
    }
    func mean(_ range: Range<Int>, _ column: Int) -> Double {
      range.reduce(0) { $0 + Double(x[$1 * 29 + column]) } / Double(range.count)
    }
    let even = (0..<29).map { 0.9 * Double(c[$0]) + 0.1 * mean(0..<12, $0) }
    let uneven = (0..<29).map {
      0.9 * Double(c[$0]) + 0.05 * (mean(0..<9, $0) + mean(9..<12, $0))
    }
    let half = (0..<29).map { 0.95 * Double(c[$0]) + 0.05 * mean(0..<12, $0) }
    for (ranks, expected) in [([6, 6], even), ([9, 3], uneven), ([12, 0], half)] {
      for found in moved(ranks) { #expect(relativeError(found, expected) < 1e-6, "\(ranks)") }
    }
  }

  @Test("buffers and numbers are summed over the ranks")
  func sums() {
    let found = run([1, 2, 10, 20], columns: 2, rows: [1, 1]) { w, own in
      w.kernels.allReduceSum(own.buffer, as: .fp32)
      var numbers = ScalarValues(of: w.plan.scalars(2))
      w.kernels.fill(numbers.scalars.buffer, with: 0)
      w.kernels.addSum(own.buffer[0..<1], weights: nil, to: numbers.scalars[1])
      w.kernels.allReduceSum(numbers.scalars)
      w.kernels.read(into: &numbers)
      return w.values(own) + numbers.values.map { Float($0) }
    }
    #expect(found == [[11, 22, 0, 22], [11, 22, 0, 22]])
  }
}
