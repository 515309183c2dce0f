import Crops
import Support

/// Drops pictures by rules that look at each on its own.
enum FilterStage: Stage {
  static let name = StageName.filter

  /// A rule on what was measured of an image.
  struct Rule: Sendable {
    let key: String
    let measure: @Sendable (CatalogueImage) -> Double
    /// The plan's limit.
    let limit: @Sendable (CurationPlan.Filter) -> Double
    let setLimit: @Sendable (inout CurationPlan.Filter, Double) -> Void
    /// Whether what is below the limit is dropped, and not what is above.
    let isLeast: Bool

    init(
      least key: String, _ limit: WritableKeyPath<CurationPlan.Filter, Double> & Sendable,
      _ measure: @escaping @Sendable (CatalogueImage) -> Double
    ) {
      self.init(key, limit, isLeast: true, measure)
    }

    init(
      most key: String, _ limit: WritableKeyPath<CurationPlan.Filter, Double> & Sendable,
      _ measure: @escaping @Sendable (CatalogueImage) -> Double
    ) {
      self.init(key, limit, isLeast: false, measure)
    }

    private init(
      _ key: String, _ limit: WritableKeyPath<CurationPlan.Filter, Double> & Sendable,
      isLeast: Bool, _ measure: @escaping @Sendable (CatalogueImage) -> Double
    ) {
      (self.key, self.measure, self.isLeast) = (key, measure, isLeast)
      self.limit = { $0[keyPath: limit] }
      setLimit = { $0[keyPath: limit] = $1 }
    }

    /// What is measured of an image that the rule drops; `nil` if it keeps the image.
    func violation(_ image: CatalogueImage, _ keys: CurationPlan.Filter) -> Double? {
      let (found, limit) = (measure(image), limit(keys))
      return (isLeast ? found < limit : found > limit) ? found : nil
    }
  }

  /// The first that an image violates decides.
  static let rules = [
    Rule(least: "min_side", \.leastSide) { Double(min($0.width, $0.height)) },
    Rule(most: "max_aspect", \.maxAspect) {
      Double(max($0.width, $0.height)) / Double(min($0.width, $0.height))
    },
    Rule(least: "min_entropy", \.minEntropy) { $0.entropy },
    Rule(most: "max_one_colour", \.maxOneColour) { $0.oneColour },
    Rule(least: "min_sharpness", \.minSharpness) { $0.sharpness },
    Rule(most: "max_text", \.maxText) { $0.text },
  ]

  static func run(_ context: CurationContext) throws -> String {
    let images = try context.catalogue.images(keptAfter: nil)
    context.observer.began(name, what: "images", total: images.count)
    let keys = context.plan.filter
    let scores = try keys.scores.isEmpty ? nil : ScoreFile(path: keys.scores)
    var verdicts: [Verdict] = []
    for image in images {
      guard let (rule, score) = violation(image, keys, scores) else { continue }
      verdicts.append(
        Verdict(image: image.id, stage: name, rule: rule, score: score, other: nil))
    }
    try context.catalogue.transaction { () throws(CatalogueError) in
      try context.catalogue.add(verdicts)
    }
    tellOfText(images, keys, context)
    if let scores, scores.count > 0, let unused = scores.unused(images.map(\.file)) {
      context.observer.noticed(unused)
    }
    return "\(Format.count(images.count - verdicts.count, "image")) kept, "
      + "\(Format.count(verdicts.count)) dropped"
  }

  /// Says how many pictures of text alone there are, if all are kept.
  private static func tellOfText(
    _ images: [CatalogueImage], _ keys: CurationPlan.Filter, _ context: CurationContext
  ) {
    guard keys.maxText == 1 else { return }
    let texts = images.count { $0.problem == nil && $0.text > Lettering.usualShare }
    guard texts > 0 else { return }
    let verb = texts == 1 ? "looks" : "look"
    context.observer.noticed(
      "\(Format.count(texts, "image")) \(verb) like text alone; filter.max_text "
        + "\(Format.decimals(Lettering.usualShare, 2)) would drop \(texts == 1 ? "it" : "them")")
  }

  /// The rule that drops an image, and what it measured; `nil` if the image is kept.
  static func violation(
    _ image: CatalogueImage, _ keys: CurationPlan.Filter, _ scores: ScoreFile? = nil
  ) -> (rule: String, score: Double?)? {
    if image.problem != nil { return ("damaged", nil) }
    for rule in rules {
      if let score = rule.violation(image, keys) { return (rule.key, score) }
    }
    guard let score = scores?.score(of: image.file), score > keys.maxScore else { return nil }
    return ("max_score", score)
  }

  static func extraInputs(_ context: CurationContext) throws -> String {
    let path = context.plan.filter.scores
    guard !path.isEmpty else { return "" }
    guard let status = try FileSystem.status(path) else {
      throw FileError(
        file: path, what: "does not exist", remedy: "filter.scores takes a CSV file of file,score")
    }
    return "\(status.size) \(status.modified)"
  }
}

extension CurationPlan.Filter {
  /// The shortest side that is kept.
  fileprivate var leastSide: Double {
    get { Double(minSide) }
    set { minSide = Int(newValue) }
  }
}

/// Scores of images from elsewhere: a CSV file of file,score.
struct ScoreFile {
  private let path: String
  private var scores: [[UInt8]: Double] = [:]

  init(path: String) throws(FileError) {
    self.path = path
    let table = try FileTable(
      csv: WholeFile.read(path, limit: 1 << 30), path: path, needsLabels: true,
      columns: ("file", "score"))
    for row in table.rows {
      guard let text = row.label, let score = Double(text), score.isFinite else {
        throw FileError(
          file: "\(path):\(row.line)", what: "\(row.label ?? "nothing") is no number",
          remedy: "each line is file,score", cause: .damage)
      }
      scores[ByteText.bytes(row.file)] = score
    }
  }

  var count: Int { scores.count }

  func score(of file: String) -> Double? { scores[ByteText.bytes(file)] }

  /// Says how many files of the table are not in the pool; `nil` if all are.
  func unused(_ files: [String]) -> String? {
    let there = Set(files.map(ByteText.bytes))
    let count = scores.keys.count { !there.contains($0) }
    return count == 0 ? nil : "\(path): \(count) of \(scores.count) files are not in the pool"
  }
}
