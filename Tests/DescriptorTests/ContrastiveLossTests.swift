import Descriptor
import Tensor
import Testing

@Suite struct ContrastiveLossTests {
  private let rows = 10
  private let width = 11

  private func numbers(_ seed: Int) -> [Float] {
    var random = CounterRandom(seed: UInt64(seed), use: .test, 5)
    return (0..<rows * width).map { _ in random.normal() }
  }

  /// The loss in double precision, from its definition.
  private func value(_ x: [Float], _ temperature: Double, _ weight: Double) -> Double {
    let z = (0..<rows).map { row in
      let values = x[row * width..<(row + 1) * width].map(Double.init)
      let length = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return values.map { $0 / length }
    }
    func cosine(_ a: Int, _ b: Int) -> Double { zip(z[a], z[b]).reduce(0) { $0 + $1.0 * $1.1 } }
    var total = 0.0
    for row in 0..<rows {
      let positive = (row + rows / 2) % rows
      let others = (0..<rows).filter { $0 != row }
      let sum = others.map { exponential(cosine(row, $0) / temperature) }.reduce(0, +)
      total += logarithm(sum) - cosine(row, positive) / temperature
      let nearest = others.filter { $0 != positive }.map { cosine(row, $0) }.max()!
      total -= weight * 0.5 * logarithm(2 - 2 * nearest)
    }
    return total / Double(rows)
  }

  @Test("the loss is its definition, and the gradient that of finite differences")
  func gradient() {
    for (temperature, weight) in [(Float(0.5), Float(0)), (0.1, 2), (0.05, 10)] {
      let loss = ContrastiveLoss(temperature: temperature, koleoWeight: weight)
      let x = numbers(3)
      var dx = [Float](repeating: 9, count: x.count)
      let result = loss(x, width: width, dx: &dx)
      let expected = value(x, Double(temperature), Double(weight))
      #expect(abs(result.infoNCE + Double(weight) * result.koleo - expected) < 1e-4)
      for index in stride(from: 0, to: x.count, by: 3) {
        let step: Float = 1e-3
        var (up, down) = (x, x)
        up[index] += step
        down[index] -= step
        let slope =
          (value(up, Double(temperature), Double(weight))
            - value(down, Double(temperature), Double(weight))) / Double(up[index] - down[index])
        #expect(abs(Double(dx[index]) - slope) < 2e-2 * max(0.1, abs(slope)), "\(index)")
      }
    }
  }

  @Test(
    "equal views of far images have all copies found, and nothing is undefined where all are equal")
  func ends() {
    let loss = ContrastiveLoss(temperature: 0.05, koleoWeight: 5)
    var half = [Float](repeating: 0, count: 5 * width)
    for row in 0..<5 { half[row * width + row] = 2 }
    var dx = [Float](repeating: 0, count: 10 * width)
    let far = loss(half + half, width: width, dx: &dx)
    #expect(far.accuracy > 0.999 && far.infoNCE < 1e-6)
    // The nearest of another image is at a right angle: the distance is √2.
    #expect(abs(far.koleo + 0.34657) < 1e-4)
    let same = loss([Float](repeating: 1, count: 10 * width), width: width, dx: &dx)
    #expect(same.infoNCE.isFinite && same.koleo.isFinite && dx.allSatisfy(\.isFinite))
    #expect(abs(same.infoNCE - 2.1972) < 1e-3)
  }
}

#if canImport(Glibc)
  import Glibc
#endif

private func exponential(_ x: Double) -> Double { exp(x) }
private func logarithm(_ x: Double) -> Double { log(x) }
