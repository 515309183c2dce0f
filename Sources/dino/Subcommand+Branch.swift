import CommandKit
import History
import Screen

extension Subcommand {
  static let branch = Subcommand(
    name: "branch", operands: "NAME", count: 1...1,
    summary: "start a run in the background from a checkpoint of another, with other settings",
    options: [
      Option("--name", "NEW", "name of the new run", isNeeded: true),
      Option("--at", "STEP", "the checkpoint's step; by default the newest"),
      setting,
      Option("--attach", nil, "show the run at once"), theme, directory,
    ],
    details: """
      Changes made to NAME before the checkpoint apply to the branch, too. NAME itself is not
      touched and may be trained meanwhile.
      """
  ) { arguments in
    let parent = try RunSelection.named(arguments.operands[0], arguments)
    var line = ["train", "--branch-of", try parent.directory(for: "dino branch").name]
    line += ["--name", arguments.needed("--name")]
    if let step = arguments.value("--at") { line += ["--at", step] }
    for change in arguments.values("--set") { line += ["--set", change] }
    if let folder = arguments.value("--dir") { line += ["--dir", folder] }
    return try launch(line, arguments)
  }
}
