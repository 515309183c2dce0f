/// A key as the terminal reports it.
package enum Key: Hashable, Sendable {
  case character(Character)
  case enter, escape, tab, backTab, backspace
  case up, down, left, right, pageUp, pageDown, home, end
  /// Control-C and control-Z, which a terminal in raw mode reports as keys.
  case interrupt, suspend

  /// The key's name for the help and the footer.
  package var name: String {
    switch self {
    case .character(" "): "space"
    case .character(let character): String(character)
    case .enter: "enter"
    case .escape: "esc"
    case .tab: "tab"
    case .backTab: "shift-tab"
    case .backspace: "backspace"
    case .up: "↑"
    case .down: "↓"
    case .left: "←"
    case .right: "→"
    case .pageUp: "pgup"
    case .pageDown: "pgdn"
    case .home: "home"
    case .end: "end"
    case .interrupt: "ctrl-c"
    case .suspend: "ctrl-z"
    }
  }
}

/// The meaning of a key on the dashboard.
package enum Action: Hashable, Sendable {
  case pause, resume, checkpoint, set, phase, distil, stop, detach, help
  case undo, command, export, branch, removeCheckpoint, figures, pictures, smooth, play, search
  case oneKind, save, suspend
  case nextPanel, previousPanel, expand, zoomIn, zoomOut, logScale, split, nextTheme, nextRun
  case previousRun, runs
  case cursor(CursorMove)
  /// The panel at a place among those of the run.
  case panel(Int)
  case scroll(Scroll)

  /// Whether only a run that is trained has it.
  package var isForTraining: Bool {
    [
      .checkpoint, .set, .phase, .distil, .undo, .command, .logScale, .split, .pictures, .export,
      .branch, .removeCheckpoint,
    ]
    .contains(self)
  }

  /// A way to move the cursor.
  package enum CursorMove: Hashable, Sendable {
    case left, right, previousStep, nextStep, previousMark, nextMark, off
  }

  /// A way to scroll the log.
  package enum Scroll: Hashable, Sendable { case up, down, pageUp, pageDown, oldest, newest }
}

/// A row of the table of keys.
package struct KeyBinding: Sendable {
  /// The keys, of which the footer shows the first.
  package let keys: [Key]
  /// The action that the keys request.
  package let action: Action
  /// The description for the help. Neighbours with the same one share a line.
  package let help: String
  /// The word in the footer, or `nil` for keys that the footer omits.
  package let footer: String?

  init(_ keys: [Key], _ action: Action, _ help: String, footer: String? = nil) {
    self.keys = keys
    self.action = action
    self.help = help
    self.footer = footer
  }

  /// All keys of the dashboard by purpose. Dispatch, footer and help use this table.
  package static let sections: [(title: String, bindings: [KeyBinding])] = [
    (
      "Steer the run",
      [
        KeyBinding([.character("p")], .pause, "pause after this step", footer: "pause"),
        KeyBinding([.character("r")], .resume, "resume a paused run", footer: "resume"),
        KeyBinding(
          [.character("c")], .checkpoint, "write a checkpoint now", footer: "checkpoint"),
        KeyBinding([.character("s")], .set, "change a schedule", footer: "set"),
        KeyBinding([.character("i")], .phase, "another resolution", footer: "resolution"),
        KeyBinding([.character("u")], .undo, "take back a change", footer: "undo"),
        KeyBinding([.character(":")], .command, "a command, or a step", footer: "command"),
        KeyBinding([.character("D")], .distil, "distil a smaller model", footer: "distil"),
        KeyBinding([.character("E")], .export, "export, branch, remove"),
        KeyBinding([.character("B")], .branch, "export, branch, remove"),
        KeyBinding([.character("X")], .removeCheckpoint, "export, branch, remove"),
        KeyBinding(
          [.character("x")], .stop, "save and stop", footer: "stop"),
      ]
    ),
    (
      "Look",
      [
        KeyBinding([.tab], .nextPanel, "next, previous panel", footer: "panel"),
        KeyBinding([.backTab], .previousPanel, "next, previous panel"),
      ]
        + Panel.training.indices.map { place in
          KeyBinding(
            [.character(Character(String((place + 1) % 10)))], .panel(place), "select a panel")
        }
        + [
          KeyBinding(
            [.character("f"), .enter], .expand, "one panel, or all", footer: "full"),
          KeyBinding(
            [.character("+"), .character("=")], .zoomIn, "closer, or more steps", footer: "zoom"),
          KeyBinding([.character("-")], .zoomOut, "closer, or more steps"),
          KeyBinding([.left], .cursor(.left), "cursor back and forth", footer: "cursor"),
          KeyBinding([.right], .cursor(.right), "cursor back and forth"),
          KeyBinding([.character(",")], .cursor(.previousStep), "cursor by one step"),
          KeyBinding([.character(".")], .cursor(.nextStep), "cursor by one step"),
          KeyBinding([.character("[")], .cursor(.previousMark), "cursor to marks"),
          KeyBinding([.character("]")], .cursor(.nextMark), "cursor to marks"),
          KeyBinding([.escape], .cursor(.off), "no cursor, newest step"),
          KeyBinding([.character("e")], .figures, "what the figures mean", footer: "explain"),
          KeyBinding([.character("m")], .split, "a chart for each loss", footer: "losses"),
          KeyBinding([.character("v")], .pictures, "pictures; other ones"),
          KeyBinding([.character("o")], .smooth, "smooth the curves", footer: "smooth"),
          KeyBinding([.character(" ")], .play, "play from the cursor", footer: "play"),
          KeyBinding([.character("/")], .search, "search log and changes"),
          KeyBinding([.character("F")], .oneKind, "only rows of one kind"),
          KeyBinding([.character("l")], .logScale, "logarithmic scale", footer: "log"),
          KeyBinding([.up, .character("k")], .scroll(.up), "scroll or select"),
          KeyBinding([.down, .character("j")], .scroll(.down), "scroll or select"),
          KeyBinding([.pageUp], .scroll(.pageUp), "by ten rows"),
          KeyBinding([.pageDown], .scroll(.pageDown), "by ten rows"),
          KeyBinding([.home, .character("g")], .scroll(.oldest), "to the oldest, newest"),
          KeyBinding([.end, .character("G")], .scroll(.newest), "to the oldest, newest"),
          KeyBinding([.character("w")], .save, "write this as picture"),
          KeyBinding([.character("t")], .nextTheme, "next theme", footer: "theme"),
        ]
    ),
    (
      "Leave",
      [
        KeyBinding([.character("R")], .runs, "the list of all runs", footer: "runs"),
        KeyBinding([.character("n")], .nextRun, "next, previous run"),
        KeyBinding([.character("N")], .previousRun, "next, previous run"),
        KeyBinding([.character("?"), .character("h")], .help, "this help", footer: "help"),
        KeyBinding(
          [.character("q"), .character("d"), .interrupt], .detach,
          "detach; it goes on", footer: "detach"),
        KeyBinding([.suspend], .suspend, "shell; fg returns"),
      ]
    ),
  ]

  /// All rows of the table of keys.
  package static let all: [KeyBinding] = sections.flatMap(\.bindings)

  private static let actions: [Key: Action] = Dictionary(
    uniqueKeysWithValues: all.flatMap { binding in binding.keys.map { ($0, binding.action) } })

  /// Returns the action of a key on the dashboard, or `nil` if it has none.
  package static func action(of key: Key) -> Action? { actions[key] }
}
