import Run

/// The line in which a command is typed, in the words of the shell: `set lr x0.5 --over 500`, or the
/// number of a step, to which the cursor goes.
package struct CommandPrompt: Equatable, Sendable {
  /// The result of handling a key.
  package enum Outcome: Equatable, Sendable {
    case open
    case cancelled
    case step(Int)
    case confirmed(Change)
    case shell(ShellLine)
  }

  /// What was typed.
  package private(set) var text = ""
  /// The lines that were entered before, and the place of the one that is shown; `nil` for a new one.
  private let history: [String]
  private var place: Int?
  /// Why the run cannot be changed; `nil` if it can.
  private let hindrance: String?
  /// Whether enter was pressed on a line that cannot be carried out.
  package private(set) var wasRefused = false

  private static let limit = 200

  /// - Parameters:
  ///   - text: what stands in the line first.
  ///   - history: the lines that were entered before.
  ///   - hindrance: why the run cannot be changed; `nil` if it can.
  package init(_ text: String = "", history: [String] = [], hindrance: String? = nil) {
    self.text = text
    self.history = history
    self.hindrance = hindrance
  }

  /// The command of the shell that the line is; `nil` if it is none.
  package var shell: ShellLine? { ShellLine(text) }

  /// The change that the line asks for, or what it lacks; `nil` for an empty line, a step or a command of the
  /// shell.
  package var change: Result<Change, ChangeRefusal>? {
    guard step == nil, shell == nil, !text.allSatisfy({ $0 == " " }) else { return nil }
    do throws(ChangeRefusal) {
      let change = try Change(line: text)
      if let hindrance { throw ChangeRefusal(hindrance) }
      return .success(change)
    } catch {
      return .failure(error)
    }
  }

  /// The step that the line names; `nil` if it names none.
  private var step: Int? {
    let words = text.split(separator: " ")
    return words.count == 1 ? Int(words[0]).flatMap { $0 >= 0 ? $0 : nil } : nil
  }

  /// What may come next at the end of the line: commands, arguments or options, with their meaning.
  package var completions: [(word: String, meaning: String)] {
    // Of a command that is no change, changes know nothing.
    (shell == nil || !text.contains(" ") ? Change.completions(of: text) : [])
      + ShellLine.completions(of: text)
  }

  /// Handles a key.
  package mutating func handle(_ key: Key) -> Outcome {
    switch key {
    case .escape, .interrupt: return .cancelled
    case .enter:
      if let step { return .step(step) }
      if let shell { return .shell(shell) }
      if case .success(let change)? = change { return .confirmed(change) }
      if change == nil { return .cancelled }
      wasRefused = true
      return .open
    case .tab: complete()
    case .backspace:
      if text.isEmpty { return .cancelled }
      text.removeLast()
    case .up: recall(-1)
    case .down: recall(1)
    case .character(let character):
      guard text.count < Self.limit else { break }
      text.append(character)
    default: break
    }
    wasRefused = false
    return .open
  }

  /// Completes the last word as far as it is certain.
  private mutating func complete() {
    let words = completions.map(\.word)
    guard let first = words.first else { return }
    let common = words.dropFirst().reduce(first) { $0.commonPrefix(with: $1) }
    let begun = text.last == " " ? "" : text.split(separator: " ").last.map(String.init) ?? ""
    guard common.count >= begun.count else { return }
    text = String(text.dropLast(begun.count)) + common + (words.count == 1 ? " " : "")
  }

  private mutating func recall(_ distance: Int) {
    guard !history.isEmpty else { return }
    let next = (place ?? history.count) + distance
    guard next < history.count else {
      (place, text) = (nil, "")
      return
    }
    place = max(next, 0)
    text = history[place!]
  }
}

extension String {
  fileprivate func commonPrefix(with other: String) -> String {
    String(zip(self, other).prefix { $0 == $1 }.map(\.0))
  }
}
