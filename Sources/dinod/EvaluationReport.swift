import Evaluation
import Features
import Run
import Support

/// The result of an evaluation, as text and as JSON.
struct EvaluationReport: Encodable {
  struct Part: Encodable {
    let images: Int
    let skipped: Int
  }

  struct ClassResult: Encodable {
    let name: String
    let images: Int
    let accuracy: Double
    let low: Double
    let high: Double
    let precision: Double?
  }

  let method: String
  let weights: String
  let size: String
  /// The precision in which the features were computed.
  let computePrecision: String
  let train: Part
  let test: Part
  /// Whether the test images were held out of the training images.
  let heldOut: Bool
  /// The number of training images that chose the linear classifier.
  let validationImages: Int
  let temperature: Float?
  let iterations: Int?
  let sgdBatch: Int?
  let results: [ProtocolResult.Result]
  /// The index in `results` of the result that counts.
  let chosen: Int
  let classes: [ClassResult]
  /// confusion[true][predicted], in the order of `classes`.
  let confusion: [[Int]]

  /// The inputs of the evaluation.
  struct Question {
    let weights: String
    let view: EvaluationView
    let precision: String
    /// The k-NN classifier; `nil` for linear evaluation.
    let judge: KNearestNeighbours?
    let linear: LinearEvaluation?
    let isSplit: Bool
  }

  init(
    _ asked: Question, _ result: ProtocolResult, _ train: LabelledFeatures, _ test: LabelledFeatures
  ) {
    method = asked.judge == nil ? "linear" : "knn"
    weights = asked.weights
    size = "\(asked.view.size.height)x\(asked.view.size.width)"
    computePrecision = asked.precision
    self.train = Part(images: train.images.count, skipped: train.skipped)
    self.test = Part(images: test.images.count, skipped: test.skipped)
    heldOut = asked.isSplit
    validationImages = result.validationImages
    temperature = asked.judge?.temperature
    iterations = asked.linear?.iterations
    sgdBatch = asked.linear?.batch
    results = result.results
    chosen = result.chosen
    let matrix = ConfusionMatrix(
      result.predictions, labels: test.images.labels, classes: train.images.classes)
    confusion = matrix.counts
    classes = matrix.classes.enumerated().map { number, name in
      let accuracy = matrix.accuracy(of: number)
      return ClassResult(
        name: name, images: accuracy.count, accuracy: accuracy.value,
        low: accuracy.interval.low, high: accuracy.interval.high,
        precision: matrix.precision(of: number))
    }
  }

  func json() throws -> String {
    try JSONText.pretty(self) + "\n"
  }

  /// `k-NN, k = 20: 41.2 % (40.2 to 42.2)`
  var headline: String {
    let result = results[chosen]
    let what = result.k.map { "k-NN, k = \($0)" } ?? "linear, \(Self.classifier(result))"
    return "\(what): \(Self.percent(result))"
  }

  func text() -> String {
    let from = heldOut ? "held-out" : "other"
    var lines = [
      "\(weights) at \(size), \(computePrecision): \(train.images) training images, "
        + "\(test.images) \(from) test images, \(Format.count(classes.count, "class"))", headline,
      "",
    ]
    for (number, result) in results.enumerated() {
      let mark = number == chosen ? "→" : " "
      let validation = result.validation.map { "  validation \(Self.percent($0))" } ?? ""
      let what = result.k.map { "k = \($0)" } ?? Self.classifier(result)
      lines.append("\(mark) \(what)  \(Self.percent(result))\(validation)")
    }
    lines.append("")
    let width = min(32, classes.map(\.name.columns).max() ?? 0)
    for entry in classes {
      let name = entry.name.padded(width)
      let share =
        entry.images == 0 ? "no images" : Self.percent(entry.accuracy, entry.low, entry.high)
      lines.append("  \(name)  \(share)  of \(entry.images)")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func classifier(_ result: ProtocolResult.Result) -> String {
    let layers = result.layers ?? 1
    return "CLS of \(layers) block\(layers == 1 ? "" : "s")"
      + (result.pooled == true ? " + mean patch" : "") + ", rate \(Float(result.rate ?? 0))"
  }

  private static func percent(_ result: ProtocolResult.Result) -> String {
    percent(result.accuracy, result.low, result.high)
  }

  private static func percent(_ value: Double, _ low: Double, _ high: Double) -> String {
    "\(percent(value)) (\(Format.decimals(100 * low, 1)) to \(Format.decimals(100 * high, 1)))"
  }

  private static func percent(_ value: Double) -> String { "\(Format.decimals(100 * value, 2)) %" }
}
