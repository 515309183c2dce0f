import Neighbours
import Store
import Support

/// Drops what is like positive examples rather than like negative ones: unsafe or unwanted pictures, by
/// a linear probe on their features that is trained on examples of the user.
enum ProbeStage: Stage {
  static let name = StageName.probe

  static func isWanted(_ plan: CurationPlan) -> Bool { !plan.probe.positive.isEmpty }

  static func extraInputs(_ context: CurationContext) throws -> String {
    try context.catalogue.fingerprint(.positive) + context.catalogue.fingerprint(.negative)
  }

  /// Throws if there are too few examples, before any is decoded.
  static func checkExamples(_ context: CurationContext) throws {
    guard isWanted(context.plan) else { return }
    for role in [ImageRole.positive, .negative] {
      try check(try context.catalogue.images(role).count, role, context)
    }
  }

  private static func check(_ count: Int, _ role: ImageRole, _ context: CurationContext) throws {
    guard count < CrossValidation.folds else { return }
    throw CatalogueError.failed(
      path: context.pool.path,
      detail: "there are too few \(role.rawValue) examples, \(count); a probe takes "
        + "\(CrossValidation.folds) or more of each kind")
  }

  static func run(_ context: CurationContext) throws -> String {
    let pool = try context.catalogue.images(keptAfter: .embed)
    let examples = try Examples(context)
    context.observer.began(name, what: "images", total: pool.count)
    let validation = CrossValidation(
      examples.all, seed: UInt64(context.plan.pool.seed), workers: context.workers)
    let probe = LogisticProbe(examples.all, penalty: validation.penalty)
    let keys = context.plan.probe
    var verdicts: [Verdict] = []
    var scores = ByteText.bytes("file,score\n")
    if let (images, vectors) = try context.featured(pool), !images.isEmpty {
      let found = context.workers.map(images.count) { probe.score(vectors.vector($0)) }
      for (image, score) in zip(images, found) {
        scores += ByteText.bytes("\(image.file.csvField),\(Format.decimals(score, 4))\n")
        guard score > keys.maxScore else { continue }
        verdicts.append(
          Verdict(image: image.id, stage: name, rule: "max_score", score: score, other: nil))
      }
    }
    try WholeFile.write(bytes: scores, to: context.pool.scores)
    try WholeFile.write(curve(validation, examples.all.isPositive), to: context.pool.curve)
    try context.catalogue.transaction { () throws(CatalogueError) in
      try context.catalogue.add(verdicts)
    }
    let shares = validation.shares(above: keys.maxScore, examples.all.isPositive)
    return "\(Format.count(pool.count - verdicts.count, "image")) kept, "
      + "\(Format.count(verdicts.count)) dropped; of examples not trained on, "
      + "\(Format.decimals(100 * shares.positive, 0)) % of the positive and "
      + "\(Format.decimals(100 * shares.negative, 0)) % of the negative ones would go"
  }

  /// What other thresholds would drop of examples that the probe was not trained on, as CSV.
  private static func curve(_ validation: CrossValidation, _ isPositive: [Bool]) -> String {
    let rows = (1..<20).map { step -> String in
      let threshold = Double(step) / 20
      let shares = validation.shares(above: threshold, isPositive)
      return [threshold, shares.positive, shares.negative].map { Format.decimals($0, 4) }
        .joined(separator: ",")
    }
    return (["max_score,positive_dropped,negative_dropped"] + rows).joined(separator: "\n") + "\n"
  }

  /// The examples that have features.
  private struct Examples {
    let all: LogisticProbe.Examples

    init(_ context: CurationContext) throws {
      var (features, isPositive): ([Float], [Bool]) = ([], [])
      var width = 0
      for role in [ImageRole.positive, .negative] {
        guard let (images, vectors) = try context.featured(context.catalogue.images(role)) else {
          continue
        }
        try ProbeStage.check(images.count, role, context)
        width = vectors.dimension
        features += (0..<images.count).flatMap {
          UnsafeBufferPointer(start: vectors.vector($0), count: width)
        }
        isPositive += images.map { _ in role == .positive }
      }
      all = LogisticProbe.Examples(width: width, features: features, isPositive: isPositive)
    }
  }
}
