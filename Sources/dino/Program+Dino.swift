import CommandKit
import Run
import Wire

extension Program {
  /// The terminal program. It starts, shows and controls runs, and computes nothing.
  static let dino = Program(
    name: "dino",
    summary: """
      Starts, shows and steers training runs. NAME is a run of this machine, or HOST:NAME one of
      another. It may be left out if exactly one run is being trained. The commands of dinod, such as
      advise, embed, eval and export, are passed on to it.
      """,
    versionNote: "(protocol \(protocolVersion))",
    commands: [.start, .attach, .list, .status, .checkpoints] + Subcommand.changesButStop
      + [
        .undo, .extend, .branch, .distill, .stop, .log, .metrics, .replay, .shot, .report, .rename,
        .removal,
        .serve, .keys, .hosts, .doctor, .themes,
      ])
}

extension Subcommand {
  /// A command for each kind of change except `stop`, which is at the end of the help.
  fileprivate static let changesButStop = Change.kinds
    .filter { $0.command == $0.name && $0.name != ChangeKind.stop.name }
    .map { $0.name == ChangeKind.phase.name ? phase : changes[$0.name]! }

  fileprivate static let stop = changes[ChangeKind.stop.name]!

  // Options that several commands share.
  static let setting = Option("--set", "KEY=VALUE", "override a key of the recipe", repeats: true)
  static let acceptingData = Option(
    "--accept-data", nil, "resume a run although its images have changed")
  static let host = Option("--host", "HOST", "a machine of dino hosts, instead of this one")
  static let directory = Option("--dir", "DIR", "the folder that holds the runs")
  static let json = Option("--json", nil, "print JSON")
  static let theme = Option("--theme", "THEME", "colours; `dino themes` lists them")
}
