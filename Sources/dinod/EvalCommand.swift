import Evaluation
import Features
import Kernels
import KernelsCPU
import Run
import Tensor

#if canImport(Glibc)
  @preconcurrency import Glibc
#endif

extension DaemonCommand {
  static let eval = DaemonCommand(
    name: "eval", operands: "knn|linear WEIGHTS TRAIN [TEST]",
    summary: "judges weights on labelled images by the paper's protocols",
    options: [
      CommandOption(
        name: "labels", value: "FILE.csv",
        meaning: "file,label of TRAIN's images; by default its folders are the classes"),
      CommandOption(
        name: "test-labels", value: "FILE.csv", meaning: "the same of TEST's images"),
      CommandOption(
        name: "k", value: "K,…", meaning: "knn: neighbours; by default 10,20,100,200"),
      CommandOption(
        name: "temperature", value: "T", meaning: "knn: of the votes; by default 0.07"),
      CommandOption(
        name: "iterations", value: "N", meaning: "linear: steps of SGD; by default 12500"),
      CommandOption(
        name: "sgd-batch", value: "N", meaning: "linear: images a step; by default 128"),
      CommandOption(
        name: "seed", value: "N", meaning: "linear: of its beginning and order; by default 0"),
      CommandOption(
        name: "to", value: "DIR",
        meaning: "writes report, predictions, confusion picture and linear classifier there"),
      CommandOption(
        name: "features", value: nil, meaning: "writes the features there too; needs --to"),
      CommandOption(name: "json", value: nil, meaning: "prints the report as JSON"),
    ] + EvaluationWeights.viewOptions + EvaluationWeights.options,
    operandCount: 3...4
  ) { try EvalCommand($0).run() }
}

/// From labelled images to a report.
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
  private let pool: WorkerPool
  /// Of features; they are judged in fp32.
  private let precision: Precision

  init(_ arguments: Arguments) throws {
    guard let method = Method(rawValue: arguments.operands[0]) else {
      throw UsageError(
        description: "eval \(arguments.operands[0]): expected knn or linear, as in "
          + "dinod eval knn WEIGHTS TRAIN TEST")
    }
    self.method = method
    for (option, owner) in [
      ("k", Method.knn), ("temperature", .knn), ("iterations", .linear), ("sgd-batch", .linear),
      ("seed", .linear),
    ] where arguments.has(option) && method != owner {
      throw UsageError(description: "--\(option) is for eval \(owner.rawValue)")
    }
    guard !arguments.has("features") || arguments.has("to") else {
      throw UsageError(description: "--features needs --to DIR")
    }
    judge = KNearestNeighbours(
      ks: try arguments.integers("k", in: 1...100_000, default: KNearestNeighbours.paper.ks),
      temperature: try arguments.number(
        "temperature", in: 0.001...100, default: KNearestNeighbours.paper.temperature))
    var linear = LinearEvaluation()
    linear.iterations = try arguments.integer(
      "iterations", in: 1...100_000_000, default: linear.iterations)
    linear.batch = try arguments.integer("sgd-batch", in: 1...65_536, default: linear.batch)
    linear.seed = try arguments.integer("seed", in: 0...Int.max, default: 0)
    self.linear = linear
    batch = try arguments.integer("batch", in: 1...4096, default: 16)
    isJSON = arguments.has("json")
    precision = try ComputePrecision(arguments).orNotice()
    pool = WorkerPool(threads: try arguments.integer("threads", in: 0...1024, default: 0))
    output = try arguments.value("to").map {
      try EvaluationOutput(folder: $0, withFeatures: arguments.has("features"))
    }
    data = try EvaluationData(arguments)
    weights = try EvaluationWeights(arguments.operands[1], arguments)
    view = try weights.view(arguments)
  }

  func run() throws -> Int32 {
    if let problem = CPUKernels.selfCheck() { throw RunError.machine(problem) }
    let train = try features(of: data.train)
    let test = try features(of: data.test)
    let judgement = try method == .knn ? judgeByNeighbours(train, test) : judgeByLinear(train, test)
    let question = EvaluationReport.Question(
      weights: weights.name, view: view, precision: precision.rawValue,
      judge: method == .knn ? judge : nil,
      linear: method == .linear ? linear : nil, isSplit: data.isSplit)
    let report = EvaluationReport(question, judgement, train, test)
    try output?.write(report, judgement, train: train, test: test)
    print(isJSON ? try report.json() : report.text(), terminator: "")
    return 0
  }

  func makeKernels() -> any Kernels { CPUKernels(pool: pool) }

  /// Features of all images that can be read, those that k-NN or the linear classifiers see.
  private func features(of images: LabelledImages) throws -> LabelledFeatures {
    let layers = method == .knn ? 1 : LinearGrid.layers(depth: weights.shape.depth)
    return try FeatureComputation(
      weights: weights, batch: batch, pool: pool, precision: precision
    ).table(
      of: images, view: view, wanted: Embedder.Wanted(layers: layers, patches: method == .linear))
  }
}
