import Evaluation
import Run

/// The result of an evaluation protocol.
struct ProtocolResult {
  struct Result: Encodable {
    /// What the result belongs to: `k`, or a classifier's blocks, pooling and rate.
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
  /// The index of the result that counts, and its predictions for the test images.
  let chosen: Int
  let predictions: [Int]
  /// The number of images that chose the linear classifier; 0 for k-NN.
  var validationImages = 0
  var classifier: (weight: [Float], bias: [Float], columns: Range<Int>)?
}
