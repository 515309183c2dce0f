import CommandKit
import Evaluation
import Features
import Kernels
import Run

extension Subcommand {
  static let eval = Subcommand(
    name: "eval", operands: "knn|linear WEIGHTS TRAIN [TEST]", count: 3...4,
    summary: "evaluate weights on labelled images with the paper's protocols",
    options: [
      Option(
        "--labels", "FILE.csv",
        "labels of TRAIN as lines of file,label; by default its folders are the classes"),
      Option("--test-labels", "FILE.csv", "the same for TEST"),
      Option("--k", "K,…", "knn: numbers of neighbours; by default 10,20,100,200"),
      Option("--temperature", "T", "knn: temperature of the votes; by default 0.07"),
      Option("--iterations", "N", "linear: steps of SGD; by default 12500"),
      Option("--sgd-batch", "N", "linear: images per step; by default 128"),
      Option("--seed", "N", "linear: seed of initial weights and order; by default 0"),
      Option(
        "--to", "DIR", "write report, predictions, confusion matrix and linear classifier to DIR"),
      Option("--features", nil, "write the features to DIR, too; needs --to"),
      Option("--json", nil, "print the report as JSON"),
    ] + EvaluationWeights.viewOptions + EvaluationWeights.options
  ) { try EvalCommand($0).run() }
}

/// Evaluates weights on labelled images and reports the result.
struct EvalCommand {
  enum Method: String { case knn, linear }

  let method: Method
  let weights: EvaluationWeights
  let view: EvaluationView
  let data: EvaluationData
  let judge: KNearestNeighbours
  let linear: LinearEvaluation
  private let output: EvaluationOutput?
  private let isJSON: Bool
  private let batch: Int
  /// Computes features. Classifiers are computed in fp32.
  private let backend: Backend

  init(_ arguments: Arguments) throws {
    guard let method = Method(rawValue: arguments.operands[0]) else {
      throw UsageError(
        "eval \(arguments.operands[0]): expected knn or linear, as in "
          + "dinod eval knn WEIGHTS TRAIN TEST")
    }
    self.method = method
    for (option, owner) in [
      ("--k", Method.knn), ("--temperature", .knn), ("--iterations", .linear),
      ("--sgd-batch", .linear), ("--seed", .linear),
    ] where arguments.has(option) && method != owner {
      throw UsageError("\(option) applies only to eval \(owner.rawValue)")
    }
    guard !arguments.has("--features") || arguments.has("--to") else {
      throw UsageError("--features needs --to DIR")
    }
    judge = KNearestNeighbours(
      ks: try arguments.integers("--k", in: 1...100_000) ?? KNearestNeighbours.paper.ks,
      temperature: try arguments.number("--temperature", in: 0.001...100)
        ?? KNearestNeighbours.paper.temperature)
    var linear = LinearEvaluation()
    linear.iterations =
      try arguments.integer("--iterations", in: 1...100_000_000) ?? linear.iterations
    linear.batch = try arguments.integer("--sgd-batch", in: 1...65_536) ?? linear.batch
    linear.seed = try arguments.integer("--seed", in: 0...Int.max) ?? 0
    self.linear = linear
    batch = try arguments.integer("--batch", in: 1...4096) ?? 16
    isJSON = arguments.has("--json")
    backend = try Backend(Backend.Choice(arguments).printingNotice())
    output = try arguments.value("--to").map {
      try EvaluationOutput(folder: $0, withFeatures: arguments.has("--features"))
    }
    data = try EvaluationData(arguments)
    weights = try EvaluationWeights(arguments.operands[1], arguments)
    view = try weights.view(arguments)
  }

  func run() throws -> Int32 {
    let train = try features(of: data.train)
    let test = try features(of: data.test)
    let result = try method == .knn ? evaluateKNN(train, test) : evaluateLinear(train, test)
    let question = EvaluationReport.Question(
      weights: weights.name, view: view, precision: backend.precision.rawValue,
      judge: method == .knn ? judge : nil,
      linear: method == .linear ? linear : nil, isSplit: data.isSplit)
    let report = EvaluationReport(question, result, train, test)
    try output?.write(report, result, train: train, test: test)
    print(isJSON ? try report.json() : report.text(), terminator: "")
    return 0
  }

  func makeKernels() -> any Kernels { backend.makeKernels(.fp32) }

  /// Returns the features that the method needs, of all images that can be read.
  private func features(of images: LabelledImages) throws -> LabelledFeatures {
    let layers = method == .knn ? 1 : LinearGrid.layers(depth: weights.shape.depth)
    return try FeatureComputation(weights: weights, batch: batch, backend: backend).table(
      of: images, view: view,
      selection: Embedder.Selection(layers: layers, patches: method == .linear))
  }
}
