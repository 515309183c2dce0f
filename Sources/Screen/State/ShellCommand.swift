import Run

/// A command of the shell about the run on the screen that is no change of it. It runs beside the dashboard,
/// which says what came of it.
package struct ShellCommand: Equatable, Sendable {
  package let name: String
  let summary: String
  /// Whether it needs the run's folder.
  let isLocal: Bool
  /// The options and their meanings, for completion.
  let options: [(word: String, meaning: String)]

  package static func == (a: ShellCommand, b: ShellCommand) -> Bool { a.name == b.name }

  /// The commands. What each takes is said, and checked, by the command itself.
  package static let all = [
    ShellCommand(
      name: "shot", summary: "write a picture of what is shown", isLocal: false,
      options: [("--to", "a file that ends in .png, .svg or .txt")]),
    ShellCommand(
      name: "export", summary: "write weights for other programs", isLocal: true,
      options: [
        ("--format", "huggingface, timm, official, onnx or safetensors"), ("--to", "a new folder"),
        ("--at", "the step of a checkpoint; by default the best"),
      ]),
    ShellCommand(
      name: "branch", summary: "begin another run from a checkpoint, with other settings",
      isLocal: true,
      options: [
        ("--at", "the step of a checkpoint; by default the newest"), ("--name", "its name"),
        ("--set", "a key of the recipe and its value, such as optim.base_lr=1e-4"),
      ]),
    ShellCommand(
      name: "checkpoints", summary: "list the checkpoints, or remove some", isLocal: true,
      options: [("--remove", "steps, such as 1000,2000"), ("--yes", "do not ask")]),
    ShellCommand(
      name: "extend", summary: "train a finished run for so many steps more", isLocal: true,
      options: [("--lr-factor", "a factor on the recipe's learning rate")]),
    ShellCommand(
      name: "report", summary: "write a page about the run for those who were not there",
      isLocal: false,
      options: [("--to", "a file that ends in .html")]),
  ]
}

/// A command of the shell with its arguments, as it was typed on the dashboard, without the run's name.
package struct ShellLine: Equatable, Sendable {
  package let command: ShellCommand
  package let arguments: [String]

  package init(_ command: ShellCommand, _ arguments: [String]) {
    (self.command, self.arguments) = (command, arguments)
  }

  /// Reads a line; `nil` if it begins with no such command, or a quote is not closed.
  package init?(_ line: String) {
    guard let words = try? Change.words(of: line), let first = words.first,
      let command = ShellCommand.all.first(where: { $0.name == first })
    else { return nil }
    self.init(command, Array(words.dropFirst()))
  }

  /// Returns the words for `dino`, about a run.
  ///
  /// - Parameter folder: the one that holds the runs; `nil` for the usual one, and for other machines.
  package func words(run: String, in folder: String?) -> [String] {
    var (arguments, name) = (arguments, run)
    // export takes the step with the name.
    if command.name == "export", let place = arguments.firstIndex(of: "--at"),
      place + 1 < arguments.count
    {
      name += "@" + arguments[place + 1]
      arguments.removeSubrange(place...place + 1)
    }
    return [command.name, name] + arguments + (folder.map { ["--dir", $0] } ?? [])
  }

  /// Returns what may stand at the end of a line that is being typed.
  static func completions(of line: String) -> [(word: String, meaning: String)] {
    guard var words = try? Change.words(of: line) else { return [] }
    let begun = line.last == " " || line.isEmpty ? "" : words.popLast() ?? ""
    let command = words.first.flatMap { first in ShellCommand.all.first { $0.name == first } }
    let found =
      words.isEmpty
      ? ShellCommand.all.map { ($0.name, $0.summary) }
      : command?.options.filter { !words.contains($0.word) } ?? []
    return found.filter { $0.0.hasPrefix(begun) }
  }
}
