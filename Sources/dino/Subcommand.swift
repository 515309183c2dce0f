import Run
import Screen

/// One command of `dino`: its entry in the table and what it does.
struct Subcommand: Sendable {
  /// A word that starts with two dashes.
  struct Option: Sendable {
    let name: String
    /// What stands for its value in the usage; nil for a flag.
    let value: String?
    let help: String

    init(_ name: String, _ value: String? = nil, _ help: String) {
      self.name = name
      self.value = value
      self.help = help
    }
  }

  let name: String
  /// As in a usage line: `[NAME]`.
  let arguments: String
  /// How many arguments there may be.
  let count: ClosedRange<Int>
  let summary: String
  let options: [Option]
  /// What the help says besides.
  var details = ""
  /// Returns the exit code; what it throws is printed as one line, with exit code 1.
  let body: @Sendable (Arguments) throws -> Int32

  /// All commands, in the order of the help.
  static let all =
    [start, attach, list, status]
    + Change.kinds.filter { $0.command == $0.name && $0.name != ChangeKind.stop.name }
    .map { $0.name == ChangeKind.phase.name ? phase : changes[$0.name]! }
    + [branch, distill, changes[ChangeKind.stop.name]!, log, themes]

  /// `dino set [NAME] KEY VALUE [options]`
  var usage: String {
    ["dino", name, arguments, options.isEmpty ? "" : "[options]"]
      .filter { !$0.isEmpty }.joined(separator: " ")
  }

  /// What `--help` prints.
  var help: String {
    let rows = (options + [Self.helpOption]).map { option in
      ([option.name, option.value].compactMap(\.self).joined(separator: " "), option.help)
    }
    let text = ["usage: \(usage)", summary, details, table(rows)]
    return text.filter { !$0.isEmpty }.joined(separator: "\n\n")
  }

  static let helpOption = Option("--help", nil, "print this")
  static let directory = Option("--dir", "DIR", "the folder that holds the runs")
  static let json = Option("--json", nil, "print JSON")
  static let theme = Option("--theme", "THEME", "colours, one of `dino themes`")
}

/// Two columns, the first as wide as its widest.
func table(_ rows: [(String, String)]) -> String {
  let width = rows.map(\.0.count).max() ?? 0
  return rows.map { "  " + $0.0.padded(width + 3) + $0.1 }.joined(separator: "\n")
}
