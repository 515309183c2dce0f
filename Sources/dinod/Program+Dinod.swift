import CommandKit

extension Program {
  /// The computing program. It has every command that needs the engine or its files.
  static let dinod = Program(
    name: "dinod",
    summary: """
      Trains DINOv2 vision transformers on your own images, and computes with what they have
      learned. dino starts, watches and steers runs.
      """,
    commands: [
      .train, .recipe, .plan, .schedule, .images, .verify, .bench, .embed, .eval, .pca, .export,
      .importWeights,
    ])
}

extension Subcommand {
  // Options that several commands share.
  static let setting = Option(
    "--set", "KEY=VALUE", "override a key of the recipe", repeats: true)
  static let directory = Option("--dir", "DIR", "the folder that holds the runs")
}
