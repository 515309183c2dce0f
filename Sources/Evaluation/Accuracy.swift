/// The share of correct predictions, with a confidence interval.
package struct Accuracy: Sendable, Equatable {
  package let correct: Int
  package let count: Int

  package init(correct: Int, count: Int) {
    self.correct = correct
    self.count = count
  }

  /// Compares predicted classes with the true ones.
  package init(_ predictions: [Int], labels: [Int]) {
    precondition(predictions.count == labels.count)
    self.init(correct: zip(predictions, labels).count { $0 == $1 }, count: labels.count)
  }

  /// The share of correct predictions, 0 … 1; 0 if there are no images.
  package var value: Double { count == 0 ? 0 : Double(correct) / Double(count) }

  /// Wilson's score interval at 95 %, which also holds for few images and near 0 and 1.
  package var interval: (low: Double, high: Double) {
    guard count > 0 else { return (0, 1) }
    let (n, z) = (Double(count), 1.959_963_985)
    let centre = (value + z * z / (2 * n)) / (1 + z * z / n)
    let spread =
      z / (1 + z * z / n) * (value * (1 - value) / n + z * z / (4 * n * n)).squareRoot()
    return (max(0, centre - spread), min(1, centre + spread))
  }
}
