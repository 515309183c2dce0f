import Support

extension Change {
  /// Creates the change that a line asks for, in the words of `dino` without the run's name:
  /// `set lr x0.5 --over 500`; or several `set` with semicolons between them. It is the reverse of `commandLine`. Throws what the line lacks.
  package init(line: String) throws(ChangeRefusal) {
    let words = try Self.words(of: line)
    if line.contains(";"), words.first == ChangeKind.set.command {
      self = try ChangeKind.together.change(["changes": .text(line)])
      return
    }
    guard let (kind, count) = Self.kind(of: words) else {
      let names = Change.kinds.map(\.command)
      let near = words.first.flatMap { nearestName(to: $0, among: names) }
      throw ChangeRefusal(
        "there is no command '\(PrintableText.line(words.first ?? "", limit: 40))'; "
          + (near.map { "did you mean '\($0)'?" } ?? "there are \(names.joined(separator: ", "))"))
    }
    self = try kind.change(typed: try Self.arguments(of: kind, in: words.dropFirst(count)))
  }

  /// Returns the arguments in the words after a command, by name.
  private static func arguments(
    of kind: ChangeKind, in words: ArraySlice<String>
  ) throws(ChangeRefusal) -> [String: String] {
    var words = words
    var typed: [String: String] = [:]
    var placed = kind.arguments.filter { $0.option == nil }[...]
    while let word = words.popFirst() {
      if word.hasPrefix("--") {
        guard let argument = kind.arguments.first(where: { "--\($0.option ?? "")" == word }) else {
          throw ChangeRefusal(
            "\(kind.command) has no option '\(PrintableText.line(word, limit: 40))'")
        }
        if case .flag = argument.form {
          typed[argument.name] = ""
        } else if let value = words.popFirst() {
          typed[argument.name] = value
        } else {
          throw ChangeRefusal("\(word) needs \(argument.placeholder)")
        }
      } else if let argument = placed.popFirst() {
        // A text that is the only argument, such as a note, is the rest of the line.
        let isRest = if case .text = argument.form { kind.arguments.count == 1 } else { false }
        typed[argument.name] = isRest ? ([word] + words).joined(separator: " ") : word
        if isRest { words = [] }
      } else {
        throw ChangeRefusal(
          "'\(PrintableText.line(word, limit: 40))' is one word too many for \(kind.command)")
      }
    }
    if let missing = placed.first, missing.isNeeded || missing.wordForNone != nil {
      throw ChangeRefusal("\(kind.command) needs \(missing.placeholder): \(missing.meaning)")
    }
    return typed
  }

  /// Returns the words of a line. Quotes keep words together.
  package static func words(of line: String) throws(ChangeRefusal) -> [String] {
    var words: [String] = []
    var word: String?
    var quote: Character?
    for character in line {
      if character == quote {
        quote = nil
      } else if quote == nil, character == "'" || character == "\"" {
        (quote, word) = (character, word ?? "")
      } else if quote == nil, character == " " {
        if let word { words.append(word) }
        word = nil
      } else {
        word = (word ?? "") + String(character)
      }
    }
    guard quote == nil else { throw ChangeRefusal("a quote is not closed") }
    return words + [word].compactMap(\.self)
  }

  /// Returns the kind whose command a line begins with, and the number of its words. The longest counts:
  /// `phase back` is not a `phase`.
  private static func kind(of words: [String]) -> (ChangeKind, Int)? {
    kinds.map { ($0, $0.command.split(separator: " ").map(String.init)) }
      .filter { words.starts(with: $0.1) }
      .max { $0.1.count < $1.1.count }.map { ($0.0, $0.1.count) }
  }

  /// Returns what may stand at the end of a line that is being typed, with its meaning: commands, the words
  /// of an argument, and options.
  package static func completions(of line: String) -> [(word: String, meaning: String)] {
    guard var words = try? words(of: line) else { return [] }
    let begun = line.last == " " || line.isEmpty ? "" : words.popLast() ?? ""
    var found: [(word: String, meaning: String)]
    if let (kind, count) = kind(of: words) {
      let given = words.dropFirst(count)
      let placed = given.filter { !$0.hasPrefix("--") }.count
      let positional = kind.arguments.filter { $0.option == nil }
      found = []
      if placed < positional.count, case .word(let choices) = positional[placed].form {
        found = choices.map { ($0, positional[placed].meaning) }
      } else if placed < positional.count {
        found = [positional[placed].wordForNone].compactMap(\.self).map {
          ($0, positional[placed].meaning)
        }
      }
      if let last = given.last,
        let argument = kind.arguments.first(where: { "--\($0.option ?? "")" == last }),
        case .word(let choices) = argument.form
      {
        found = choices.map { ($0, argument.meaning) }
      }
      found += kind.arguments.compactMap { argument in
        argument.option.map { ("--\($0)", argument.meaning) }
      }.filter { !given.contains($0.0) }
    } else {
      found = kinds.map { ($0.command, $0.summary) }
    }
    return found.filter { $0.word.hasPrefix(begun) }
  }
}
