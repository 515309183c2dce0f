/// What a command accepts: its name, its operands and its options.
package struct CommandSyntax: Sendable {
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
  let name: String
  /// The operands as shown in the usage line, such as `[NAME] KEY VALUE`.
  let operands: String
  /// The permitted number of operands.
  let count: ClosedRange<Int>
  /// The options in the order of the help, without `--help`.
  let options: [Option]

  /// Returns the usage line, such as `dinod export WEIGHTS --format F --to DIR [options]`.
  func usage(of program: String) -> String {
    let needed = options.filter(\.isNeeded).map(\.usage)
    let others = options.count > needed.count ? ["[options]"] : []
    return ([program, name, operands] + needed + others).filter { !$0.isEmpty }
      .joined(separator: " ")
  }
}

extension CommandSyntax.Option {
  /// The option as shown in a usage line, such as `--set KEY=VALUE …`.
  package var usage: String {
    [name, value, repeats ? "…" : nil].compactMap(\.self).joined(separator: " ")
  }

  /// The help option, which every command has and `Program` handles.
  static let help = Self("--help", nil, "print this help")
}
