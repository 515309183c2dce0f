#if canImport(Glibc)
  import Glibc
#endif

/// Logistic regression on features of length 1: how likely an image is one of the positive examples.
/// Both kinds of examples count equally, however many there are of each.
package struct LogisticProbe: Sendable, Equatable {
  /// A weight for each feature, and the bias at the end.
  package let weights: [Double]

  /// Examples: their features, one after the other, and whether each is positive.
  package struct Examples: Sendable {
    package let width: Int
    package let features: [Float]
    package let isPositive: [Bool]

    package init(width: Int, features: [Float], isPositive: [Bool]) {
      precondition(features.count == width * isPositive.count)
      (self.width, self.features, self.isPositive) = (width, features, isPositive)
    }

    /// Some of the examples, by their numbers.
    func only(_ numbers: [Int]) -> Examples {
      Examples(
        width: width,
        features: numbers.flatMap { features[$0 * width..<($0 + 1) * width] },
        isPositive: numbers.map { isPositive[$0] })
    }
  }

  /// Steps of accelerated gradient descent, which bring the loss to its least for the penalties below.
  private static let steps = 400

  /// Fits the weights to examples of both kinds.
  ///
  /// - Parameter penalty: what half the squared length of the weights, without the bias, costs.
  package init(_ examples: Examples, penalty: Double) {
    // The curvature of the mean loss is at most a quarter of the squared length of the inputs, 2.
    let rate = 1 / (0.5 + penalty)
    var weights = [Double](repeating: 0, count: examples.width + 1)
    var ahead = weights
    for step in 0..<Self.steps {
      let gradient = Self.gradient(examples, ahead, penalty: penalty)
      let next = zip(ahead, gradient).map { $0 - rate * $1 }
      let momentum = Double(step) / Double(step + 3)
      ahead = zip(next, weights).map { $0 + momentum * ($0 - $1) }
      weights = next
    }
    self.weights = weights
  }

  /// The probability that a feature vector is one of a positive example.
  package func score(_ features: UnsafePointer<Float>) -> Double {
    var sum = weights[weights.count - 1]
    for at in 0..<weights.count - 1 { sum += weights[at] * Double(features[at]) }
    return 1 / (1 + exp(-sum))
  }

  /// The scores of examples, in order.
  func scores(_ examples: Examples) -> [Double] {
    examples.features.withUnsafeBufferPointer { features in
      examples.isPositive.indices.map { score(features.baseAddress! + $0 * examples.width) }
    }
  }

  /// The weight of an example of each kind, so that both kinds sum to a half.
  private static func shares(_ examples: Examples) -> (positive: Double, negative: Double) {
    let positive = examples.isPositive.count { $0 }
    let negative = examples.isPositive.count - positive
    return (0.5 / Double(max(1, positive)), 0.5 / Double(max(1, negative)))
  }

  /// The mean cross-entropy of examples, and the penalty.
  package static func loss(_ examples: Examples, _ weights: [Double], penalty: Double) -> Double {
    let (positive, negative) = shares(examples)
    var loss = 0.0
    for (number, isPositive) in examples.isPositive.enumerated() {
      let sum = logit(examples, number, weights)
      // −log σ(±sum), without overflow.
      let signed = isPositive ? -sum : sum
      loss += (isPositive ? positive : negative) * (max(signed, 0) + log1p(exp(-abs(signed))))
    }
    return loss + penalty / 2 * weights.dropLast().reduce(0) { $0 + $1 * $1 }
  }

  /// The gradient of `loss` by the weights.
  package static func gradient(
    _ examples: Examples, _ weights: [Double], penalty: Double
  ) -> [Double] {
    let (positive, negative) = shares(examples)
    let width = examples.width
    var gradient = weights.map { $0 * penalty }
    gradient[width] = 0
    for (number, isPositive) in examples.isPositive.enumerated() {
      let probability = 1 / (1 + exp(-logit(examples, number, weights)))
      let error = isPositive ? positive * (probability - 1) : negative * probability
      for at in 0..<width { gradient[at] += error * Double(examples.features[number * width + at]) }
      gradient[width] += error
    }
    return gradient
  }

  private static func logit(_ examples: Examples, _ number: Int, _ weights: [Double]) -> Double {
    let width = examples.width
    var sum = weights[width]
    for at in 0..<width { sum += weights[at] * Double(examples.features[number * width + at]) }
    return sum
  }
}
