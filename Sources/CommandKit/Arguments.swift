import Support

/// The parsed operands and options of a command line.
///
/// Only options that the command declares may be queried.
package struct Arguments: Sendable {
  /// The operands in the order in which they were given.
  package private(set) var operands: [String] = []
  private var given: [String: [String]] = [:]
  private let command: CommandSyntax

  /// Parses a command's arguments.
  ///
  /// Options (`--name value`, `--name=value` and flags) may stand anywhere among the operands; `--`
  /// ends them. A negative number and a single `-` are operands or values.
  ///
  /// - Parameter program: the program's name, for messages.
  package init(
    _ words: [String], for command: CommandSyntax, of program: String
  ) throws(UsageError) {
    self.command = command
    var rest = words[...]
    while let word = rest.popFirst() {
      if word == "--" {
        operands += rest
        break
      }
      guard word.hasPrefix("-"), word != "-", Double(word) == nil else {
        operands.append(word)
        continue
      }
      try read(word, followedBy: &rest, of: program)
    }
    guard command.count.contains(operands.count) else {
      throw UsageError("usage: \(command.usage(of: program))")
    }
    for option in command.options where option.isNeeded && (value(option.name) ?? "").isEmpty {
      throw UsageError(
        "\(command.name) needs \(option.usage): \(option.meaning)")
    }
  }

  /// Parses an option and its value, if it takes one.
  private mutating func read(
    _ word: String, followedBy rest: inout ArraySlice<String>, of program: String
  ) throws(UsageError) {
    let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      .map(String.init)
    let options = command.options
    guard let option = options.first(where: { $0.name == parts[0] }) else {
      let plain = { (name: String) in String(name.drop { $0 == "-" }) }
      let nearest = nearestName(to: plain(parts[0]), among: options.map { plain($0.name) })
      throw UsageError(
        "\(command.name) has no option \(parts[0]); "
          + (nearest.map { "did you mean --\($0)?" } ?? "see \(program) \(command.name) --help"))
    }
    let value: String
    if option.value == nil {
      guard parts.count == 1 else { throw UsageError("\(option.name) takes no value") }
      value = ""
    } else if parts.count == 2 {
      value = parts[1]
    } else if let next = rest.popFirst() {
      value = next
    } else {
      throw UsageError("\(option.name) needs a value: \(option.usage)")
    }
    guard option.repeats || given[option.name] == nil else {
      throw UsageError("\(option.name) is given twice")
    }
    given[option.name, default: []].append(value)
  }

  /// Whether the command declares an option.
  package func takes(_ option: String) -> Bool {
    command.options.contains { $0.name == option }
  }

  /// Whether an option is given.
  package func has(_ option: String) -> Bool { !values(option).isEmpty }

  /// Returns the last value of an option, or `nil` if it is not given.
  package func value(_ option: String) -> String? { values(option).last }

  /// Returns all values of an option in the order given.
  package func values(_ option: String) -> [String] {
    precondition(takes(option), "\(command.name) declares no \(option)")
    return given[option] ?? []
  }

  /// Returns the value of an option that the command declares as needed.
  package func needed(_ option: String) -> String {
    guard let value = value(option) else {
      preconditionFailure("\(command.name) does not declare that it needs \(option)")
    }
    return value
  }
}
