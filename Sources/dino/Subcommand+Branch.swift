import History
import Screen

extension Subcommand {
  static let branch = Subcommand(
    name: "branch", arguments: "NAME", count: 1...1,
    summary: "begin a run in the background with a checkpoint of another and other settings",
    options: [
      Option("--name", "NEW", "what to call the new run"),
      Option("--at", "STEP", "the checkpoint's step; by default the newest"),
      Option("--set", "KEY=VALUE", "change a key of the recipe; may be given several times"),
      Option("--attach", nil, "show the run at once"), theme, directory,
    ],
    details: """
      Live changes from before the checkpoint hold in the branch, too. The other run is not touched
      and may be trained meanwhile.
      """
  ) { arguments in
    let parent = try RunChoice.named(arguments.positional[0], arguments)
    guard let name = arguments.value("--name") else {
      throw UsageError("a branch needs a name: dino branch \(parent.directory.name) --name NEW")
    }
    var line = ["train", "--branch-of", parent.directory.name, "--name", name]
    if let step = arguments.value("--at") { line += ["--at", step] }
    for change in arguments.values("--set") { line += ["--set", change] }
    if let folder = arguments.value("--dir") { line += ["--dir", folder] }
    return try launch(line, arguments)
  }
}
