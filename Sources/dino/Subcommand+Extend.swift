import CommandKit
import Run
import Screen

extension Subcommand {
  static let extend = Subcommand(
    name: "extend", operands: "NAME STEPS", count: 2...2,
    summary: "train a finished run for so many steps more",
    options: [
      Option("--lr-factor", "X", "factor on the recipe's learning rate"),
      acceptingData, Option("--attach", nil, "show the run at once"), theme, directory,
    ] + processOptions,
    details: """
      The steps are a phase of their own that is like the last one. Rate and momentum run their course
      again; --lr-factor 0.3 lets it be gentler.
      """
  ) { arguments in
    let run = try RunSelection.named(arguments.operands[0], arguments)
    guard let steps = Int(arguments.operands[1]), PhaseRequest.stepLimits.contains(steps) else {
      throw UsageError("'\(arguments.operands[1])' is not a number of steps; give one such as 5000")
    }
    let folder = try run.directory(for: "dino extend")
    let outline = try? folder.outline()
    guard outline?.status.kind == nil else {
      throw Failure("\(run.name) is a curation, which dinod curate goes on with")
    }
    guard outline?.state == RunState.finished.rawValue else {
      throw Failure(
        run.isTraining
          ? "\(run.name) is being trained; dino phase begins another phase, or wait for its end"
          : "\(run.name) has not finished; resume it with: dino start \(run.name)")
    }
    var line = ["train", folder.recipe, "--name", folder.name, "--resume"]
    line += ["--extend", String(steps)]
    if let factor = try arguments.number("--lr-factor", in: PhaseRequest.factorLimits) {
      line += ["--lr-factor", String(factor)]
    }
    line += words(for: [acceptingData, directory] + processOptions, in: arguments)
    return try launch(line, arguments)
  }
}
