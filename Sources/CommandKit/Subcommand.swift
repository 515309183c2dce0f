import Support

/// One command of a program: its entry in the table, and what it does.
package struct Subcommand: Sendable {
  /// An option of a command: `--name N`, or a flag such as `--json`.
  package struct Option: Sendable {
    /// With the dashes in front.
    package let name: String
    /// What stands for its value in help, or nil for a flag.
    package let value: String?
    package let meaning: String
    /// Whether it may be given more than once.
    package let repeats: Bool
    /// Whether the command cannot do without it.
    package let isNeeded: Bool

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

  package let name: String
  /// The operands as a usage line shows them: `[NAME] KEY VALUE`.
  package let operands: String
  /// How many operands there may be.
  package let count: ClosedRange<Int>
  /// What the command does, in a few words that begin with a verb: "list the runs".
  package let summary: String
  package let options: [Option]
  /// What the command's help says besides.
  package let details: String
  /// Does what the command is for and returns the exit code. What it throws is printed as one line.
  package let body: @Sendable (Arguments) throws -> Int32

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
  /// `--set KEY=VALUE …`
  package var usage: String {
    [name, value, repeats ? "…" : nil].compactMap(\.self).joined(separator: " ")
  }

  /// Every command has it; the kit answers it.
  static let help = Self("--help", nil, "print this")
}

extension Subcommand {
  /// `dinod export WEIGHTS --format F --to DIR [options]`
  func usage(of program: String) -> String {
    let needed = options.filter(\.isNeeded).map(\.usage)
    let others = options.count > needed.count ? ["[options]"] : []
    return ([program, name, operands] + needed + others).filter { !$0.isEmpty }
      .joined(separator: " ")
  }

  /// What `--help` prints.
  func help(of program: String) -> String {
    let rows = (options + [.help]).map { ($0.usage, $0.meaning) }
    return ["usage: \(usage(of: program))", summary, details, TextTable(pairs: rows).text]
      .filter { !$0.isEmpty }.joined(separator: "\n\n")
  }
}
