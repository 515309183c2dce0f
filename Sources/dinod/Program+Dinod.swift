import CommandKit
import Images

extension Program {
  /// The computing program. It has every command that needs the engine or its files.
  static let dinod = Program(
    name: "dinod",
    summary: """
      Trains DINOv2 vision transformers on your own images, and evaluates, applies and converts
      their weights. Use dino to start, watch and steer runs.
      """,
    versionNote: formats,
    commands: [
      .train, .advise, .recipe, .plan, .schedule, .images, .statistics, .verify, .bench, .embed,
      .eval,
      .quality, .pca,
      .export,
      .importWeights, .descriptor,
      .curate, .notify, .watch,
    ])

  /// The formats of images that this build reads, and what it lacks for the others.
  private static var formats: String {
    let others = ImageFormat.allCases.compactMap { format in
      format.missingPackage.map { "; without \($0) no \(format.name)" }
    }
    return "(reads \(ImageFormat.list("and"))\(others.joined()))"
  }
}

extension Subcommand {
  // Options that several commands share.
  static let setting = Option(
    "--set", "KEY=VALUE", "override a key of the recipe", repeats: true)
  static let acceptingData = Option(
    "--accept-data", nil, "resume a run although its images have changed")
  static let directory = Option("--dir", "DIR", "the folder that holds the runs")
}
