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
    summary: "show a run in the terminal and steer it", options: [theme, host, directory]
  ) { arguments in
    try show(try RunSelection.any(arguments.operands.first, arguments), arguments)
  }

  /// Checks that a run can be shown, before a run is started that is to be shown.
  static func checkShow(_ arguments: Arguments) throws {
    guard arguments.has("--attach") else {
      guard !arguments.has("--theme") else {
        throw UsageError("--theme needs --attach")
      }
      return
    }
    _ = try theme(arguments)
    try Terminal.check()
  }

  static func theme(_ arguments: Arguments) throws -> Theme {
    let chosen = arguments.value("--theme") ?? ProcessInfo.processInfo.environment["DINO_THEME"]
    return try ThemeLibrary.standard().load(chosen ?? "dino")
  }

  /// Shows a run in the terminal until the user leaves it. Leaving does not affect the run.
  static func show(_ run: FoundRun, _ arguments: Arguments) throws -> Int32 {
    let theme = try theme(arguments)
    let terminal = try Terminal(theme: theme)
    defer { terminal.close() }
    let client = ClientName.of("dino attach")
    let screen = RunScreen(
      terminal, run: run.place, theme: theme, themes: ThemeLibrary.standard(),
      runs: { ((try? choice(with: run, arguments)) ?? []).map(\.place) },
      open: { RunSession(place: $0, client: client) })
    let signal = screen.run()
    guard signal != 0 else { return 0 }
    // Re-raise the signal, so that the parent process sees what ended this one.
    terminal.close()
    raise(signal)
    return 128 + signal
  }

  /// Returns the runs that `n` and `N` go through: those of the machine of the run that is shown first.
  private static func choice(with run: FoundRun, _ arguments: Arguments) throws -> [FoundRun] {
    guard run.place.directory == nil, let (name, _) = RemoteHosts.split(run.name, host: nil) else {
      return try RunSelection.all(arguments)
    }
    let (host, own) = try RemoteHosts.named(name)
    return try RemoteHosts.runs(of: host, own).map { summary in
      FoundRun(summary.status.name, on: host, own: own, isTraining: summary.alive)
    }
  }
}
