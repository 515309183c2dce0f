import Support

/// The operands and options of a command as they were given.
///
/// Only options that the command declares may be asked for.
package struct Arguments: Sendable {
  package private(set) var operands: [String] = []
  private var given: [String: [String]] = [:]
  private let command: Subcommand

  /// Reads `--name value`, `--name=value` and flags anywhere among the operands; `--` ends the
  /// options. A negative number and `-` alone are operands or values.
  ///
  /// - Parameter program: the program's name, for messages.
  package init(
    _ words: [String], for command: Subcommand, of program: String
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

  /// Reads an option and, where it takes one, its value.
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

  /// Whether an option is given.
  package func has(_ option: String) -> Bool { !values(option).isEmpty }

  /// The value of an option that may be given once, or nil where it is not given.
  package func value(_ option: String) -> String? { values(option).last }

  /// All values of an option that may be given several times.
  package func values(_ option: String) -> [String] {
    precondition(
      command.options.contains { $0.name == option }, "\(command.name) declares no \(option)")
    return given[option] ?? []
  }

  /// The value of an option that the command cannot do without.
  package func needed(_ option: String) -> String {
    guard let value = value(option) else {
      preconditionFailure("\(command.name) does not declare that it needs \(option)")
    }
    return value
  }
}
