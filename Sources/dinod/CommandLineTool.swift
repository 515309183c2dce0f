#if canImport(Glibc)
  @preconcurrency import Glibc
#endif

/// A command of the program: its name, what it takes, what it is for, and its body.
struct DaemonCommand: Sendable {
  let name: String
  /// `RECIPE.yaml`
  let operands: String
  let summary: String
  let options: [CommandOption]
  /// How many operands it takes.
  let operandCount: ClosedRange<Int>
  let body: @Sendable (Arguments) throws -> Int32

  /// `dinod train RECIPE.yaml [--name N] …`
  var usage: String {
    (["dinod", name, operands].filter { !$0.isEmpty }
      + options.map { $0.isNeeded ? $0.usage : "[\($0.usage)]" })
      .joined(separator: " ")
  }
}

/// An option of a command: `--name N`, or `--json` without a value.
struct CommandOption: Sendable {
  let name: String
  /// What its value is called; nil: it has none.
  let value: String?
  let meaning: String
  /// Whether it may be given more than once.
  var repeats = false
  /// Whether the command does nothing without it.
  var isNeeded = false

  var usage: String {
    "--\(name)" + (value.map { " \($0)" } ?? "") + (repeats ? " …" : "")
  }
}

/// A command's operands and options as given.
struct Arguments {
  var operands: [String] = []
  var values: [String: [String]] = [:]

  /// The value of an option that may be given once.
  func value(_ name: String) -> String? { values[name]?.last }
  func has(_ name: String) -> Bool { values[name] != nil }
}

/// A command line that cannot be understood; exit code 2.
struct UsageError: Error, CustomStringConvertible {
  let description: String
}

/// Finds the command, reads its arguments, runs it, and turns errors into one line.
enum CommandLineTool {
  static let version = "0.1.0"
  static let commands: [DaemonCommand] = [
    .train, .recipe, .plan, .schedule, .images, .verify, .bench, .embed, .eval, .pca, .export,
    .importWeights,
  ]

  static func run(_ words: [String]) -> Int32 {
    do {
      guard let first = words.first else {
        fputs(overview, stderr)
        return 2
      }
      switch first {
      case "--help", "-h", "help":
        print(overview, terminator: "")
        return 0
      case "--version":
        print("dinod \(version)")
        return 0
      default:
        guard let command = commands.first(where: { $0.name == first }) else {
          throw UsageError(
            description: "there is no command '\(first)'; there are: "
              + commands.map(\.name).joined(separator: ", "))
        }
        return try run(command, Array(words.dropFirst()))
      }
    } catch let error as UsageError {
      fputs("dinod: \(error)\n", stderr)
      return 2
    } catch {
      fputs("dinod: \(error)\n", stderr)
      return 1
    }
  }

  private static func run(_ command: DaemonCommand, _ words: [String]) throws -> Int32 {
    if words.contains("--help") || words.contains("-h") {
      print(help(command), terminator: "")
      return 0
    }
    let arguments = try parse(words, for: command)
    guard command.operandCount.contains(arguments.operands.count) else {
      throw UsageError(description: "usage: \(command.usage)")
    }
    return try command.body(arguments)
  }

  private static func parse(_ words: [String], for command: DaemonCommand) throws -> Arguments {
    var arguments = Arguments()
    var rest = words[...]
    while let word = rest.popFirst() {
      guard word.hasPrefix("--") else {
        arguments.operands.append(word)
        continue
      }
      let parts = word.dropFirst(2).split(separator: "=", maxSplits: 1)
      let name = parts.first.map(String.init) ?? ""
      guard let option = command.options.first(where: { $0.name == name }) else {
        throw UsageError(description: "\(command.name) has no option --\(name); \(command.usage)")
      }
      var value = ""
      if option.value != nil {
        guard let given = parts.count > 1 ? String(parts[1]) : rest.popFirst() else {
          throw UsageError(description: "--\(name) needs a value: \(option.usage)")
        }
        value = given
      }
      if arguments.has(name) && !option.repeats {
        throw UsageError(description: "--\(name) is given twice")
      }
      arguments.values[name, default: []].append(value)
    }
    return arguments
  }

  private static var overview: String {
    let width = commands.map(\.name.count).max() ?? 0
    let lines = commands.map { command in
      "  " + command.name + String(repeating: " ", count: width - command.name.count + 2)
        + command.summary
    }
    return "dinod: trains DINOv2 vision transformers on your own images\n\n"
      + lines.joined(separator: "\n")
      + "\n\n'dinod COMMAND --help' tells more; 'dino' starts, watches and steers runs.\n"
  }

  private static func help(_ command: DaemonCommand) -> String {
    let width = command.options.map(\.usage.count).max() ?? 0
    let lines = command.options.map { option in
      "  " + option.usage + String(repeating: " ", count: width - option.usage.count + 2)
        + option.meaning + "\n"
    }
    return "usage: \(command.usage)\n\n\(command.summary)\n\n" + lines.joined()
  }
}
