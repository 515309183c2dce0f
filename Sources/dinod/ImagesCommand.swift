import Crops
import Images
import Recipe
import Trainer

extension DaemonCommand {
  static let images = DaemonCommand(
    name: "images", operands: "RECIPE.yaml",
    summary: "writes images that a recipe trains on or is judged by as PNG files, a folder a class",
    options: [
      CommandOption(name: "to", value: "DIR", meaning: "the folder for them", isNeeded: true),
      CommandOption(name: "count", value: "N", meaning: "the first so many; by default 200"),
      CommandOption(
        name: "of", value: "train|bank|queries",
        meaning: "those to train on, or the probe's that vote or are judged; by default train"),
      CommandOption(
        name: "set", value: "KEY=VALUE", meaning: "overrides a key of the recipe", repeats: true),
    ],
    operandCount: 1...1
  ) { try ImagesCommand($0).run() }
}

/// Writes down what a recipe's source gives, which may be images that are in no file: `embedded`.
private struct ImagesCommand {
  private let folder: String
  private let source: any ImageSource
  private let count: Int

  init(_ arguments: Arguments) throws {
    guard let folder = arguments.value("to"), !folder.isEmpty else {
      throw UsageError(description: "images needs --to DIR, a folder for its files")
    }
    self.folder = folder
    let recipe = try Recipe.read(
      file: arguments.operands[0], overrides: arguments.values["set"] ?? [])
    try recipe.checkPaths()
    source = try Self.source(recipe, arguments.value("of") ?? "train")
    count = min(
      try arguments.integer("count", in: 1...10_000_000, default: 200), source.count)
    try makeOutputFolder(folder, unlessItHas: "00000000.png")
  }

  private static func source(_ recipe: Recipe, _ part: String) throws -> any ImageSource {
    let all = try openSource(recipe: recipe)
    let split = try ProbeSplit(all, recipe: recipe)
    switch part {
    case "train": return split?.training ?? all
    case "bank", "queries":
      guard let split else {
        throw UsageError(description: "--of \(part): \(ProbeSplit.reason(all))")
      }
      return (part == "bank" ? split.bank : split.queries).images
    default:
      throw UsageError(description: "--of \(part): must be train, bank or queries")
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
        let image = try source.image(index)
        try image.writePNG(path: "\(place)/\(Self.name(index))")
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
    print("\(written) images in \(folder)")
    return 0
  }

  private static func name(_ index: Int) -> String {
    let digits = String(index)
    return String(repeating: "0", count: max(0, 8 - digits.count)) + digits + ".png"
  }
}
