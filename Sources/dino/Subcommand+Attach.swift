import CommandKit
import FoundationEssentials
import History
import Screen
import Wire

#if canImport(Glibc)
  import Glibc
#endif

extension Subcommand {
  static let attach = Subcommand(
    name: "attach", operands: "[NAME]", count: 0...1,
    summary: "show a run in the terminal and steer it", options: [theme, directory]
  ) { arguments in
    try show(try RunChoice.any(arguments.operands.first, arguments), arguments)
  }

  /// Refuses what could not be shown, before a run is begun that is to be shown.
  static func checkShow(_ arguments: Arguments) throws {
    guard arguments.has("--attach") else {
      guard !arguments.has("--theme") else {
        throw UsageError("--theme goes with --attach")
      }
      return
    }
    _ = try theme(arguments)
    try Terminal.check()
  }

  private static func theme(_ arguments: Arguments) throws -> Theme {
    let chosen = arguments.value("--theme") ?? ProcessInfo.processInfo.environment["DINO_THEME"]
    return try ThemeLibrary.standard().load(chosen ?? "dino")
  }

  /// Shows a run on the terminal until the user leaves it. Leaving never touches the run.
  static func show(_ run: FoundRun, _ arguments: Arguments) throws -> Int32 {
    let theme = try theme(arguments)
    let terminal = try Terminal(theme: theme)
    defer { terminal.close() }
    let client = ClientName.of("dino attach")
    let screen = RunScreen(
      terminal, run: run.directory, theme: theme, themes: ThemeLibrary.standard(),
      runs: { RunChoice.all(arguments).map(\.directory) },
      open: { RunSession(directory: $0, client: client) })
    let signal = screen.run()
    guard signal != 0 else { return 0 }
    // Ended by a signal: end as the signal means, so that whoever sent it sees so.
    terminal.close()
    raise(signal)
    return 128 + signal
  }
}
