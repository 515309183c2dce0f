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
    summary: "show a run in the terminal and steer it",
    options: [
      theme, comparing, mouse,
      Option("--list", nil, "begin with the list of all runs, from which one is chosen"),
      host, directory,
    ]
  ) { arguments in
    var state = ScreenChoices.read().state
    let isList = arguments.has("--list")
    let name = arguments.operands.first
    // Which of several is meant, is asked by the list.
    let newest = isList && name == nil ? try RunSelection.newest(arguments) : nil
    let run = try newest ?? RunSelection.any(name, arguments)
    let compared = try compared(arguments)
    if isList {
      let marked = Dictionary(compared.map { ($0.name, $0.place) }) { first, _ in first }
      state.overlay = .runs(RunList(selected: run.name, marked: marked))
    }
    return try show(
      run, arguments, state, compared: compared, usesMouse: arguments.has("--mouse"))
  }

  static let replay = Subcommand(
    name: "replay", operands: "[NAME]", count: 0...1,
    summary: "play a run from its first step, as if one had watched it",
    options: [theme, comparing, mouse, host, directory],
    details: """
      The cursor moves through the run by itself, and every panel shows what held there. Space stops it
      and lets it go on; ← and → move it by hand. To compute a run again, see dinod train --replay.
      """
  ) { arguments in
    var state = ScreenChoices.read().state
    state.isPlaying = true
    state.cursor = 0
    return try show(
      try RunSelection.any(arguments.operands.first, arguments), arguments, state,
      compared: try compared(arguments), usesMouse: arguments.has("--mouse"))
  }

  static let comparing = Option("--compare", "A,B", "lay the curves of other runs over this one's")
  static let mouse = Option(
    "--mouse", nil, "take the mouse: clicks select panels, the wheel zooms and scrolls")

  /// Returns the runs that `--compare` names.
  static func compared(_ arguments: Arguments) throws -> [FoundRun] {
    try (arguments.value("--compare") ?? "").split(separator: ",").map {
      try RunSelection.any(String($0), arguments)
    }
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
    let library = ThemeLibrary.standard()
    if let asked = arguments.value("--theme") ?? ProcessInfo.processInfo.environment["DINO_THEME"] {
      return try library.load(asked)
    }
    // One that was chosen with `t` may be gone.
    return try ScreenChoices.read().theme.flatMap { try? library.load($0) } ?? library.load("dino")
  }

  /// Shows a run in the terminal until the user leaves it. Leaving does not affect the run.
  static func show(
    _ run: FoundRun, _ arguments: Arguments, _ state: RunViewState? = nil,
    compared: [FoundRun] = [], usesMouse: Bool = false
  ) throws -> Int32 {
    let theme = try theme(arguments)
    let state = state ?? ScreenChoices.read().state
    let terminal = try Terminal(theme: theme)
    defer { terminal.close() }
    if usesMouse { terminal.useMouse() }
    let client = ClientName.of("dino attach")
    let screen = RunScreen(
      terminal, run: run.place, theme: theme, themes: ThemeLibrary.standard(), state: state,
      compared: compared.map(\.place), checkpoints: { try? CheckpointList.rows(at: $0) },
      list: {
        [
          host = arguments.takes("--host") ? arguments.value("--host") : nil,
          folder = arguments.value("--dir")
        ] in RunListing.rows(host: host, folder: folder)
      },
      runs: { ((try? choice(with: run, arguments)) ?? []).map(\.place) },
      open: { RunSession(place: $0, client: client) })
    let signal = screen.run()
    ScreenChoices(screen.state, theme: screen.theme.name == theme.name ? nil : screen.theme.name)
      .write()
    guard signal != 0 else {
      terminal.close()
      if let line = screen.farewell { print(line + RunSelection.options(arguments)) }
      return 0
    }
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
