import CommandKit
import Crops
import Images
import Recipe
import Support
import Trainer

extension Subcommand {
  static let images = Subcommand(
    name: "images", operands: "RECIPE.yaml", count: 1...1,
    summary: "write the training or probe images of a recipe as PNG files, one folder per class",
    options: [
      Option("--to", "DIR", "the folder to write to", isNeeded: true),
      Option("--count", "N", "how many, counted from the first; by default 200"),
      Option(
        "--of", "train|bank|queries",
        "images to train on, or the probe's bank or queries; by default train"),
      Option(
        "--crops", nil,
        "instead, the global and local crops of the first batch as the student is given them"),
      setting,
    ]
  ) { arguments in
    arguments.has("--crops")
      ? try CropsCommand(arguments).run() : try ImagesCommand(arguments).run()
  }
}

/// Writes images of a recipe's source as files, as a person sees what the network is given. They may come from no file at all, as those of
/// `embedded` do.
private struct ImagesCommand {
  private let folder: String
  private let source: any ImageSource
  private let format: SampleFormat?
  private let count: Int
  private let isCounted: Bool

  /// A part of a recipe's images.
  private enum Part: String, CaseIterable { case train, bank, queries }

  init(_ arguments: Arguments) throws {
    folder = arguments.needed("--to")
    let recipe = try Recipe.read(
      file: arguments.operands[0], overrides: arguments.values("--set"))
    try recipe.checkPaths()
    format = SampleFormat(recipe)
    source = try Self.source(recipe, arguments.choice("--of") ?? .train)
    isCounted = arguments.has("--count")
    count = min(
      try arguments.integer("--count", in: 1...10_000_000) ?? 200, source.count)
    try makeOutputFolder(folder, unlessItHas: "00000000.png")
  }

  /// Opens a part of a recipe's images.
  private static func source(_ recipe: Recipe, _ part: Part) throws -> any ImageSource {
    let all = try openSource(recipe: recipe)
    let split = try ProbeSplit(all, recipe: recipe)
    let queries =
      part == .queries && !recipe.data.evalPath.isEmpty ? split.labelled?.queries.images : nil
    tell((queries ?? all).notices)
    switch part {
    case .train: return split.training
    case .bank, .queries:
      guard let labelled = split.labelled else {
        throw UsageError("--of \(part.rawValue): \(ProbeSplit.reason(all))")
      }
      return (part == .bank ? labelled.bank : labelled.queries).images
    }
  }

  func run() throws -> Int32 {
    let progress = ProgressLine("images", total: count)
    var written = 0
    var skipped: [String] = []
    for index in 0..<count {
      let place = source.label(index).map { "\(folder)/\(source.classes[$0])" } ?? folder
      try makeOutputFolder(place, unlessItHas: Self.name(index))
      do {
        let image = try source.input(index, format) { _ in .whole }
        try image.picture().writePNG(path: "\(place)/\(Self.name(index))")
        written += 1
      } catch let error as ImageError {
        if case .unwritable = error.problem { throw error }
        skipped.append("\(error)")
      }
      progress.update(index + 1)
    }
    progress.end()
    for problem in skipped { tell("skipped \(problem)") }
    guard written > 0 else { throw RunError.file("\(folder): none of the images can be read") }
    let all =
      count < source.count && !isCounted
      ? ", of \(Format.count(source.count)); --count N writes more" : ""
    print("\(Format.count(written, "image")) in \(folder)\(all)")
    return 0
  }

  private static func name(_ index: Int) -> String {
    let digits = String(index)
    return String(repeating: "0", count: max(0, 8 - digits.count)) + digits + ".png"
  }
}
