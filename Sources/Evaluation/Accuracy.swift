/// A share of right answers, and what it says about the share among all there could be.
package struct Accuracy: Sendable, Equatable {
  package let right: Int
  package let count: Int

  package init(right: Int, count: Int) {
    self.right = right
    self.count = count
  }

  package init(_ predictions: [Int], labels: [Int]) {
    precondition(predictions.count == labels.count)
    self.init(right: zip(predictions, labels).count { $0 == $1 }, count: labels.count)
  }

  package var value: Double { count == 0 ? 0 : Double(right) / Double(count) }

  /// Wilson's score interval at 95 %: sound for few images too, and near 0 and 1.
  package var interval: (low: Double, high: Double) {
    guard count > 0 else { return (0, 1) }
    let (n, z) = (Double(count), 1.959_963_985)
    let centre = (value + z * z / (2 * n)) / (1 + z * z / n)
    let spread =
      z / (1 + z * z / n) * (value * (1 - value) / n + z * z / (4 * n * n)).squareRoot()
    return (max(0, centre - spread), min(1, centre + spread))
  }
}
