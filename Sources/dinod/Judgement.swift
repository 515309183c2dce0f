import Evaluation
import Run

/// What a protocol says of features.
struct Judgement {
  struct Result: Encodable {
    /// What it is of: `k`, or a classifier's blocks, pooling and rate.
    var k: Int?
    var layers: Int?
    var pooled: Bool?
    var rate: Double?
    var validation: Double?
    let accuracy: Double
    let low: Double
    let high: Double

    init(_ accuracy: Accuracy) {
      self.accuracy = accuracy.value
      (low, high) = accuracy.interval
    }
  }

  let results: [Result]
  /// The result that counts, and its answers for the test images.
  let chosen: Int
  let predictions: [Int]
  /// Linear: images that chose the classifier.
  var validationImages = 0
  var classifier: (weight: [Float], bias: [Float], columns: Range<Int>)?
}
