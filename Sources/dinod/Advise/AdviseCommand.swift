import CommandKit
import Crops
import Engine
import Images
import Recipe
import Schedule
import Support
import Tensor
import Trainer

extension Subcommand {
  static let advise = Subcommand(
    name: "advise", operands: "IMAGES", count: 1...1,
    summary: "look at images and the machine, and write a recipe with the reason of each choice",
    options: [
      Option("--hours", "H", "how long the run may take; by default 1"),
      Option("--to", "FILE", "write the recipe there; by default it is printed"),
      setting,
      Option("--threads", "N", "compute threads; by default one per core"),
    ],
    details: """
      Looks at up to 2,000 images, and times some steps of the recipe on these images. Start the result with
      'dino start FILE'. Values given with --set are kept, and the length follows from them.
      """
  ) { try AdviseCommand($0).run() }
}

/// Chooses a recipe for a folder of images.
private struct AdviseCommand {
  private let source: FileSource
  private let path: String
  private let hours: Double
  private let file: String?
  private let overrides: [String]
  private let threads: Int

  init(_ arguments: Arguments) throws {
    path = FilePath.absolute(arguments.operands[0])
    hours = try arguments.number("--hours", in: 0.01...10_000) ?? 1
    file = arguments.value("--to")
    if let file, FileSystem.exists(file) {
      throw UsageError("\(file) is there already; give --to another name, or remove it")
    }
    threads = try arguments.integer("--threads", in: 0...1024) ?? 0
    let given = arguments.values("--set")
    if let phases = given.first(where: { $0.hasPrefix("phases") }) {
      throw UsageError("--set \(phases): add phases to the recipe that is written")
    }
    overrides = given + (threads > 0 ? ["session.threads=\(threads)"] : [])
    source = try FileSource(path: path)
    tell(source.notices)
  }

  func run() throws -> Int32 {
    let workers = WorkerPool(threads: threads)
    let progress = ProgressLine("images", total: FolderSurvey.total(source))
    let survey = try FolderSurvey(source, path: path, workers: workers) { progress.update($0) }
    progress.end()
    workers.stop()
    tellSurvey(survey)
    let draft = try recipe(Advice(survey.facts, hours: hours, stepSeconds: nil))
    tell("timing steps")
    let timing = try StepTiming(draft, source: source)
    let advice = Advice(
      survey.facts, hours: hours, stepSeconds: timing.seconds,
      epoch: draft.train.officialEpochLength)
    let chosen = try recipe(advice)
    let yaml = advice.yaml(with: AdvisedChoice.given(overrides, in: chosen))
    // As it will be read later, so that it is known to be valid.
    _ = try Recipe.parse(yaml: yaml, name: file ?? "advice")
    let text = header(chosen, timing) + yaml
    if let file {
      try WholeFile.write(text, to: file)
      print(file)
    } else {
      print(text, terminator: "")
    }
    tell(foretold(chosen, timing))
    return 0
  }

  /// Returns the recipe of an advice with what was given in place of it.
  private func recipe(_ advice: Advice) throws -> Recipe {
    try Recipe.parse(yaml: advice.yaml(), name: "advice").applying(overrides)
  }

  private func tellSurvey(_ survey: FolderSurvey) {
    let facts = survey.facts
    var words = [
      Format.count(facts.images, "image"),
      facts.classes > 0 ? Format.count(facts.classes, "class") : "no labels",
      "shorter side \(facts.side) px at the median",
    ]
    if facts.isGrey { words.append("grey") }
    if survey.unreadable > 0 {
      words.append("\(survey.unreadable) of \(survey.looked) cannot be read")
    }
    tell(words.joined(separator: ", "))
    if let copies = survey.copies, copies >= 0.02 {
      tell(
        "about \(Format.percent(copies)) of the images have a copy; 'dinod curate' finds and removes them"
      )
    }
  }

  private func header(_ recipe: Recipe, _ timing: StepTiming) -> String {
    """
    # Advised by 'dinod advise' for \(Format.scaled(hours)) h on this machine. Each value's reason stands behind it.
    # \(foretold(recipe, timing))


    """
  }

  private func foretold(_ recipe: Recipe, _ timing: StepTiming) -> String {
    let seconds = Double(recipe.totalSteps) * timing.seconds
    return
      "\(Format.count(recipe.totalSteps, "step")) at \(Format.decimals(1 / timing.seconds, 2)) a second, "
      + "\(Format.decimals(Double(recipe.imagesPerStep) / timing.seconds, 0)) images a second, "
      + "\(Format.duration(seconds)) without the probe"
  }
}
