import Support

/// A command of a program: its name, its arguments, its help and the code that runs it.
package struct Subcommand: Sendable {
  /// An option of a command: `--name N`, or a flag such as `--json`.
  package struct Option: Sendable {
    /// The name with its dashes.
    package let name: String
    /// The placeholder for the value in the help, or `nil` for a flag.
    package let value: String?
    /// A description for the help.
    package let meaning: String
    /// Whether the option may be given more than once.
    package let repeats: Bool
    /// Whether the option must be given.
    package let isNeeded: Bool

    /// Declares an option. The name must begin with `--`.
    package init(
      _ name: String, _ value: String? = nil, _ meaning: String, repeats: Bool = false,
      isNeeded: Bool = false
    ) {
      precondition(name.hasPrefix("--"), "\(name) is no option's name")
      self.name = name
      self.value = value
      self.meaning = meaning
      self.repeats = repeats
      self.isNeeded = isNeeded
    }
  }

  /// The name that users type.
  package let name: String
  /// The operands as shown in the usage line, such as `[NAME] KEY VALUE`.
  package let operands: String
  /// The permitted number of operands.
  package let count: ClosedRange<Int>
  /// A short description that begins with a verb in the imperative, such as "list the runs".
  package let summary: String
  /// The options in the order of the help, without `--help`.
  package let options: [Option]
  /// Further paragraphs for the help.
  package let details: String
  /// Runs the command and returns the exit code. An error is printed as one line.
  package let body: @Sendable (Arguments) throws -> Int32

  /// Declares a command.
  package init(
    name: String, operands: String, count: ClosedRange<Int>, summary: String,
    options: [Option], details: String = "",
    body: @escaping @Sendable (Arguments) throws -> Int32
  ) {
    self.name = name
    self.operands = operands
    self.count = count
    self.summary = summary
    self.options = options
    self.details = details
    self.body = body
  }
}

extension Subcommand.Option {
  /// The option as shown in a usage line, such as `--set KEY=VALUE …`.
  package var usage: String {
    [name, value, repeats ? "…" : nil].compactMap(\.self).joined(separator: " ")
  }

  /// The help option, which every command has and `Program` handles.
  static let help = Self("--help", nil, "print this")
}

extension Subcommand {
  /// Returns the usage line, such as `dinod export WEIGHTS --format F --to DIR [options]`.
  func usage(of program: String) -> String {
    let needed = options.filter(\.isNeeded).map(\.usage)
    let others = options.count > needed.count ? ["[options]"] : []
    return ([program, name, operands] + needed + others).filter { !$0.isEmpty }
      .joined(separator: " ")
  }

  /// Returns the text that `--help` prints.
  func help(of program: String) -> String {
    let rows = (options + [.help]).map { ($0.usage, $0.meaning) }
    return ["usage: \(usage(of: program))", summary, details, TextTable(pairs: rows).text]
      .filter { !$0.isEmpty }.joined(separator: "\n\n")
  }
}
