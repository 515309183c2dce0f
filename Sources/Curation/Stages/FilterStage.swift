import Crops
import Support

/// Drops pictures by rules that look at each on its own.
enum FilterStage: Stage {
  static let name = StageName.filter

  /// A rule: its key in the plan, and what it measures of an image that it drops; `nil` if it keeps
  /// the image.
  struct Rule: Sendable {
    let key: String
    let violation: @Sendable (CatalogueImage, CurationPlan.Filter) -> Double?
  }

  /// The first that an image violates decides.
  static let rules = [
    Rule(key: "min_side") { image, keys in
      let side = min(image.width, image.height)
      return side < keys.minSide ? Double(side) : nil
    },
    Rule(key: "max_aspect") { image, keys in
      let aspect = Double(max(image.width, image.height)) / Double(min(image.width, image.height))
      return aspect > keys.maxAspect ? aspect : nil
    },
    Rule(key: "min_entropy") { image, keys in
      image.entropy < keys.minEntropy ? image.entropy : nil
    },
    Rule(key: "max_one_colour") { image, keys in
      image.oneColour > keys.maxOneColour ? image.oneColour : nil
    },
    Rule(key: "min_sharpness") { image, keys in
      image.sharpness < keys.minSharpness ? image.sharpness : nil
    },
    Rule(key: "max_text") { image, keys in
      image.text > keys.maxText ? image.text : nil
    },
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
      + "\(verdicts.count) dropped"
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

  private static func violation(
    _ image: CatalogueImage, _ keys: CurationPlan.Filter, _ scores: ScoreFile?
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
