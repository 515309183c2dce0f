import Foundation
import Kernels
import Tensor
import Testing

@Suite("Statistics")
struct StatisticsTests {
  private func rank(_ w: Workspace, _ x: Matrix) -> Double {
    w.scalar { w.kernels.effectiveRank(x, into: $0) }
  }

  @Test("the effective rank counts directions: one, some, all and none", arguments: [20, 200])
  func rank(rows: Int) {
    let w = Workspace()
    let width = 60
    let basis = w.random(4, width)
    let one = w.unset(rows, width)
    w.kernels.multiply(
      w.random(rows, 1), transposed: false, basis.first(1), accumulate: false, into: one)
    #expect(abs(rank(w, one) - 1) < 0.01)
    let some = w.unset(rows, width)
    w.kernels.multiply(w.random(rows, 4), transposed: false, basis, accumulate: false, into: some)
    #expect(rank(w, some) > 2 && rank(w, some) <= 4.01)
    let all = rank(w, w.random(rows, width))
    #expect(all > 0.6 * Double(min(rows, width)) && all <= Double(min(rows, width)))
    let equal = (0..<rows).flatMap { _ in w.values(basis.first(1)) }
    #expect(rank(w, w.buffer(equal).matrix(rows, width)) == 0)
  }

  @Test("a known spectrum gives the exponential of its entropy")
  func spectrum() {
    let w = Workspace()
    // ±a, ±b, ±c along three axes: squared singular values 2a², 2b², 2c² about a mean of zero.
    let sizes: [Float] = [3, 2, 1]
    var rows = [Float](repeating: 10, count: 30)
    for i in 0..<6 { rows[i * 5 + i / 2] += i % 2 == 0 ? sizes[i / 2] : -sizes[i / 2] }
    let shares = [9.0 / 14, 4.0 / 14, 1.0 / 14]
    let expected = exp(-shares.reduce(0) { $0 + $1 * log($1) })
    #expect(abs(rank(w, w.buffer(rows).matrix(6, 5)) - expected) < 1e-3)
  }

  @Test("principal components are the axes of the spread, longest first, with its variances")
  func components() {
    let w = Workspace()
    // ±a, ±b, ±c along three axes that are turned by 45° in the first two coordinates.
    let sizes: [Float] = [3, 2, 1]
    let half = Float(0.5).squareRoot()
    let axes: [[Float]] = [[half, half, 0, 0, 0], [half, -half, 0, 0, 0], [0, 0, 0, 1, 0]]
    var rows: [Float] = []
    for i in 0..<6 {
      let size = i % 2 == 0 ? sizes[i / 2] : -sizes[i / 2]
      rows += axes[i / 2].map { (axis: Float) -> Float in 7 + axis * size }
    }
    let found = w.kernels.principalComponents(w.buffer(rows).matrix(6, 5), count: 3)
    #expect(found.mean.allSatisfy { abs($0 - 7) < 1e-5 })
    for (number, axis) in axes.enumerated() {
      let cosine = zip(axis, found.directions[number]).reduce(Float(0)) { $0 + $1.0 * $1.1 }
      #expect(abs(abs(cosine) - 1) < 1e-4, "component \(number)")
      #expect(abs(found.variances[number] - 2 * sizes[number] * sizes[number] / 5) < 1e-4)
    }
    #expect(abs(found.totalVariance - 28.0 / 5) < 1e-4)
  }

  @Test("winners are counted once, and of equals the first wins")
  func argmax() {
    let w = Workspace()
    var x = [Float](repeating: 0, count: 5 * 40)
    x[0 * 40 + 39] = 1
    x[1 * 40 + 39] = 2
    x[2 * 40 + 17] = 1
    x[3 * 40 + 17] = 5
    x[3 * 40 + 18] = 5
    let first = w.buffer(x).matrix(5, 40)
    #expect(w.scalar { w.kernels.distinctArgmax(first, into: $0) } == 3)
    x[3 * 40 + 18] = 6
    x[4 * 40] = 1
    let second = w.buffer(x).matrix(5, 40)
    #expect(w.scalar { w.kernels.argmaxAgreement(first, second, into: $0) } == 0.8)
  }

  @Test("the cosine of rows is that of what is special in each")
  func cosine() {
    let w = Workspace()
    let x = w.random(30, 20)
    func cosine(_ y: [Float]) -> Double {
      let other = w.buffer(y).matrix(30, 20)
      return w.scalar { w.kernels.meanCentredCosine(x, other, into: $0) }
    }
    // Twice as long, and about another mean.
    let values = w.values(x)
    #expect(abs(cosine(values.map { 2 * $0 + 7 }) - 1) < 1e-4)
    #expect(abs(cosine(values.map { 3 - $0 }) + 1) < 1e-4)
    #expect(abs(cosine(w.values(w.random(30, 20)))) < 0.3)
  }

  @Test("entropy of probabilities, zeros among them")
  func entropy() {
    let w = Workspace()
    let even = [Float](repeating: 1 / 37, count: 37)
    let certain = [Float](repeating: 0, count: 36) + [1]
    let p = w.buffer(even + certain).matrix(2, 37)
    func entropy(_ p: Matrix) -> Double { w.scalar { w.kernels.meanEntropy(p, into: $0) } }
    #expect(abs(entropy(p) - log(37.0) / 2) < 1e-5 && entropy(p.first(0)) == 0)
    let other = w.random(5, 37)
    w.kernels.centeredSoftmax(other, center: w.buffer(37, filled: 0), temperature: 0.5)
    let expected = w.doubles(other).reduce(0) { $0 - $1 * log($1) } / 5
    #expect(abs(entropy(other) - expected) < 1e-5)
  }

  @Test(
    "the nearest rows of a bank come best first",
    arguments: [(300, 40, 5), (7, 9001, 20), (3, 4, 9)])
  func nearest(queries: Int, bank: Int, k: Int) {
    let w = Workspace()
    let (q, b) = (w.random(queries, 6), w.random(bank, 6))
    let found = w.kernels.nearest(q, in: b, k: k)
    let dots = naiveProduct(w.doubles(q), w.doubles(b), m: queries, n: bank, k: 6, turnB: true)
    #expect(found.rows.count == queries && found.similarities.count == queries)
    for i in stride(from: 0, to: queries, by: 7) {
      let row = Array(dots[i * bank..<(i + 1) * bank])
      let best = row.sorted(by: >).prefix(k)
      #expect(found.rows[i].count == best.count && Set(found.rows[i]).count == best.count)
      #expect(relativeError(found.similarities[i], Array(best)) < 1e-5)
      #expect(relativeError(found.rows[i].map { row[$0] }, Array(best)) < 1e-5)
    }
  }

  @Test("the discriminant spectrum is that of the variance between classes over that within them")
  func discriminantSpectrum() {
    let w = Workspace()
    // Means 2 and 6; between them (2² + 2²) / 1, within (1 + 1 + 1 + 1) / 2.
    let found = w.kernels.discriminantSpectrum(
      w.buffer([1, 3, 5, 7]).matrix(4, 1), each: 2, ridge: 0.5)
    #expect(found.count == 1 && abs(found[0] - 8 / 2.5) < 1e-9)
    let broken = w.kernels.discriminantSpectrum(
      w.buffer([1, .nan, 5, 7]).matrix(4, 1), each: 2, ridge: 0.5)
    #expect(broken.allSatisfy { $0.isNaN })
  }

  @Test(
    "the spread of directions is 0 for one direction and 1 for opposite ones, whatever the lengths")
  func directionSpread() {
    let w = Workspace()
    func spread(_ values: [Float], _ rows: Int) -> Double {
      let matrix = w.buffer(values).matrix(rows, values.count / rows)
      return w.scalar { w.kernels.directionSpread(matrix, into: $0) }
    }
    #expect(spread([1, 2, 3, 6, 0.5, 1], 3) < 1e-6)
    #expect(abs(spread([1, 2, -2, -4], 2) - 1) < 1e-6)
    // The mean of (1, 0) and (0, 1) has a squared length of 1/2.
    #expect(abs(spread([3, 0, 0, 7], 2) - 0.5) < 1e-6)
    #expect(spread([1, .nan, 2, 3], 2).isNaN, "a number that is none is no collapse")
    #expect(spread([0, 0, 0, 0], 2) == 1 && spread([5, 1], 1) < 1e-6)
  }

  @Test("rows that point the same way are twins, whatever their lengths", arguments: [12, 5000])
  func twins(rows: Int) {
    let w = Workspace()
    var x = w.values(w.random(rows, 16))
    // Row 0 has a longer twin far away, row 3 one that is turned a little.
    for i in 0..<16 {
      x[(rows - 1) * 16 + i] = 3 * x[i]
      x[5 * 16 + i] = x[3 * 16 + i] + (i == 0 ? 0.1 : 0)
    }
    let matrix = w.buffer(x).matrix(rows, 16)
    func share(_ every: Int, _ cosine: Float) -> Double {
      w.scalar { w.kernels.twinShare(matrix, every: every, cosine: cosine, into: $0) }
    }
    #expect(abs(share(1, 0.999_98) - 2 / Double(rows)) < 1e-9)
    #expect(abs(share(1, 0.999) - 4 / Double(rows)) < 1e-9)
    // Of the rows 0 and 6, the first has one.
    #expect(abs(share(rows / 2, 0.999_98) - 0.5) < 1e-9)
    #expect(w.scalar { w.kernels.twinShare(matrix.first(1), every: 1, cosine: 0, into: $0) } == 0)
  }
}
