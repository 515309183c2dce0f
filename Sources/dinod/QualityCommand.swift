import CommandKit
import Evaluation
import Features
import Support

extension Subcommand {
  static let quality = Subcommand(
    name: "quality", operands: "WEIGHTS IMAGES…", count: 2...Int.max,
    summary: "score features without labels: how many directions they use, and how evenly",
    options: [Option("--json", nil, "print one line of JSON")]
      + EvaluationWeights.viewOptions + EvaluationWeights.options,
    details: """
      Compare checkpoints of a run, or runs that differ little, by scores on the same images: at least four
      times as many as features are wide. Networks of different width have no scores in common, and an
      untrained network may have high ones.
      """
  ) { try QualityCommand($0).run() }
}

/// Scores the features of images by their spectrum.
private struct QualityCommand {
  private let weights: EvaluationWeights
  private let images: ImageViews
  private let batch: Int
  private let choice: Backend.Choice
  private let isJSON: Bool

  init(_ arguments: Arguments) throws {
    batch = try arguments.integer("--batch", in: 1...4096) ?? 16
    choice = try Backend.Choice(arguments).printingNotice()
    weights = try EvaluationWeights(arguments.operands[0], arguments)
    images = ImageViews(
      try imageFiles(Array(arguments.operands.dropFirst())), view: try weights.view(arguments))
    isJSON = arguments.has("--json")
  }

  func run() throws -> Int32 {
    let backend = try Backend(choice)
    var features: [Float] = []
    _ = try FeatureComputation(weights: weights, batch: batch, backend: backend).forEachBatch(
      of: images, selection: Embedder.Selection(layers: 1, patches: false)
    ) { _, found, kernels in
      features += kernels.download(found.cls[0].buffer)
    }
    let scores = try FeatureQuality(
      features, width: weights.shape.embedDim, kernels: backend.makeKernels(.fp32))
    print(isJSON ? try JSONText.line(scores) : Self.text(scores))
    if scores.images < 4 * scores.width, !isJSON {
      tell(
        "\(Format.count(scores.images, "image")) are few for features of \(scores.width): scores are bounded by "
          + "the images; give \(4 * scores.width) or more")
    }
    return 0
  }

  private static func text(_ scores: FeatureQuality) -> String {
    let most = min(scores.images, scores.width)
    let table = TextTable(pairs: [
      ("RankMe", "\(Format.decimals(scores.rankMe, 1)) of at most \(most): directions in use"),
      (
        "alpha",
        scores.alpha.map { "\(Format.decimals($0, 2)): slope of the spectrum; near 1 is good" }
          ?? "too few directions to tell"
      ),
      ("NESum", "\(Format.decimals(scores.nesum, 1)): variance over that of the first direction"),
      (
        "stable rank",
        "\(Format.decimals(scores.stableRank, 1)): energy over that of the first direction"
      ),
      ("coding rate", "\(Format.decimals(100 * scores.codingRate, 1)) % of that of even features"),
    ])
    return "\(Format.count(scores.images, "image")), CLS tokens of \(scores.width)\n\(table.text)"
  }
}
