import Screen
import Support

/// A command line that is not as it should be: one line, with the remedy. Exit code 2.
struct UsageError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// Something that does not go, in one line that says what to do. Exit code 1.
struct Failure: Error, CustomStringConvertible {
  let description: String
  /// The exit code.
  let code: Int32

  init(_ description: String, code: Int32 = 1) {
    self.description = description
    self.code = code
  }
}

/// A command's words, told apart by its table entry.
struct Arguments: Sendable {
  private(set) var positional: [String] = []
  private var options: [String: [String]] = [:]

  /// Reads `--name value`, `--name=value` and flags anywhere among the arguments; `--` ends them.
  init(_ words: [String], for command: Subcommand) throws(UsageError) {
    let known = command.options + [Subcommand.helpOption]
    var rest = words[...]
    while let word = rest.popFirst() {
      if word == "--" {
        positional += rest
        break
      }
      // A number below zero is a value.
      guard word.hasPrefix("-"), word != "-", Double(word) == nil else {
        positional.append(word)
        continue
      }
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = parts[0] == "-h" ? "--help" : String(parts[0])
      guard let option = known.first(where: { $0.name == name }) else {
        let nearest = nearestName(to: name, among: known.map(\.name))
        throw UsageError(
          "dino \(command.name) has no option \(name)"
            + (nearest.map { "; did you mean \($0)?" } ?? "; see dino \(command.name) --help"))
      }
      if option.value == nil {
        guard parts.count == 1 else { throw UsageError("\(name) takes no value") }
        options[name, default: []].append("")
      } else if parts.count == 2 {
        options[name, default: []].append(String(parts[1]))
      } else if let value = rest.popFirst() {
        options[name, default: []].append(value)
      } else {
        throw UsageError("\(name) needs a value: \(name) \(option.value!)")
      }
    }
    guard command.count.contains(positional.count) || has("--help") else {
      throw UsageError("usage: \(command.usage)")
    }
  }

  func has(_ option: String) -> Bool { options[option] != nil }

  /// The value given last.
  func value(_ option: String) -> String? { options[option]?.last }

  /// All values given.
  func values(_ option: String) -> [String] { options[option] ?? [] }

  /// A number above 0, or nil where the option is not given.
  func positive(_ option: String) throws(UsageError) -> Double? {
    guard let text = value(option) else { return nil }
    guard let number = Double(text), number.isFinite, number > 0 else {
      throw UsageError("\(option) takes a number above 0, not '\(text)'")
    }
    return number
  }

  /// A whole number of at least 1, or nil where the option is not given.
  func number(_ option: String) throws(UsageError) -> Int? {
    guard let text = value(option) else { return nil }
    guard let number = Int(text), number >= 1 else {
      throw UsageError("\(option) takes a whole number of at least 1, not '\(text)'")
    }
    return number
  }
}
