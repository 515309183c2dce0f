import Support

/// An argument of a change: its name, the values it accepts, and its meaning.
///
/// The command line, the wire, the journal and the screen all use this description.
package struct ChangeArgument: Sendable {
  /// The kind of value that an argument takes.
  package enum Form: Sendable {
    /// One of the listed words.
    case word([String])
    /// A number within limits; `nil` if the limits depend on another argument.
    case number(ClosedRange<Double>?)
    /// A number, or a factor on the recipe's schedule, such as `x0.3`.
    case target
    /// A whole number within limits.
    case count(ClosedRange<Int>)
    /// A step within limits, or a number of steps from now, such as `+500`.
    case step(ClosedRange<Int>)
    /// An option without a value: 1 if it is given.
    case flag
    /// Printable text of 1 to `limit` characters.
    case text(limit: Int)
  }

  /// The name in JSON.
  package let name: String
  /// The placeholder for the value in usage messages, such as `VALUE`.
  package let placeholder: String
  /// The kind of value and its limits.
  package let form: Form
  /// The meaning in a few words, for usage messages and errors.
  package let meaning: String
  /// Whether the argument is required.
  package let isNeeded: Bool
  /// The option's name on the command line; `nil` if the argument is positional.
  package let option: String?
  /// The word that stands for "no value" on the command line; `nil` if there is none.
  package let wordForNone: String?

  init(
    _ name: String, _ placeholder: String, _ form: Form, _ meaning: String,
    isNeeded: Bool = false, option: String? = nil, wordForNone: String? = nil
  ) {
    self.name = name
    self.placeholder = placeholder
    self.form = form
    self.meaning = meaning
    self.isNeeded = isNeeded
    self.option = option
    self.wordForNone = wordForNone
  }
}

extension ChangeArgument {
  /// Throws if `value` has the wrong type or is outside the argument's limits.
  func check(_ value: ChangeValue) throws(ChangeRefusal) {
    switch (form, value) {
    case (.word(let words), .text(let text)):
      if !words.contains(text) { throw refusal(of: text, among: words) }
    case (.number(let limits), .number(let number)):
      guard let limits else { break }
      if !limits.contains(number) {
        throw ChangeRefusal(
          "\(name) must be from \(Format.plain(limits.lowerBound)) to "
            + "\(Format.plain(limits.upperBound)), not \(Format.plain(number))")
      }
    case (.target, .number): break
    case (.target, .text(let text)):
      guard SetSchedule.factor(text) != nil else { throw targetRefusal(text) }
    case (.count(let limits), .number(let number)):
      guard let count = Int(exactly: number), limits.contains(count) else {
        throw ChangeRefusal(
          "\(name) must be a whole number from \(limits.lowerBound) to \(limits.upperBound), "
            + "not \(Format.plain(number))")
      }
    case (.text(let limit), .text(let text)):
      guard (1...limit).contains(text.count), PrintableText.isPrintable(text) else {
        throw ChangeRefusal("\(name) must have 1 to \(limit) printable characters")
      }
    case (.step(let limits), _):
      guard let start = value.start else { throw stepRefusal(value.typed) }
      if case .at(let step) = start, !limits.contains(step) { throw stepRefusal(value.typed) }
    case (.flag, .number(let number)):
      guard number == 0 || number == 1 else { throw ChangeRefusal("\(name) must be 0 or 1") }
    case (.word, .number), (.text, .number):
      throw ChangeRefusal("\(name) must be text, not a number")
    case (.number, .text), (.count, .text), (.flag, .text):
      throw ChangeRefusal("\(name) must be a number, not text")
    }
  }

  /// Returns the value of the typed text; `nil` if the text is `wordForNone`. Limits are not
  /// checked.
  func value(typed text: String) throws(ChangeRefusal) -> ChangeValue? {
    if text == wordForNone { return nil }
    switch form {
    case .word, .text: return .text(text)
    case .flag: return .number(1)
    case .step:
      guard let start = ChangeStart(text) else { throw stepRefusal(text) }
      return start.value
    case .target:
      if let number = Double(text), number.isFinite { return .number(number) }
      guard SetSchedule.factor(text) != nil else { throw targetRefusal(text) }
      return .text(text)
    case .number:
      if let number = Double(text), number.isFinite { return .number(number) }
      let none = wordForNone.map { ", or '\($0)'" } ?? ""
      throw ChangeRefusal(
        text.isEmpty
          ? "give a number\(none) for \(name)"
          : "'\(PrintableText.line(text, limit: 40))' is not a number; give one such as 1e-4\(none)"
      )
    case .count:
      if let count = Int(text) { return .number(Double(count)) }
      throw ChangeRefusal(
        "'\(PrintableText.line(text, limit: 40))' is not a whole number; \(name) takes \(meaning)")
    }
  }

  private func targetRefusal(_ text: String) -> ChangeRefusal {
    let forms =
      ["a number such as 1e-4", "x0.3 for 0.3 times the recipe's schedule"]
      + (wordForNone.map { ["'\($0)'"] } ?? [])
    let wrong = text.isEmpty ? "" : "'\(PrintableText.line(text, limit: 40))' is not a number; "
    return ChangeRefusal("\(wrong)give \(forms.joined(separator: ", or ")) for \(name)")
  }

  private func stepRefusal(_ text: String) -> ChangeRefusal {
    ChangeRefusal(
      "'\(PrintableText.line(text, limit: 40))' is no step; give a step of the run, or +N for N steps "
        + "from now")
  }

  /// What schedules are called elsewhere.
  private static let otherNames = [
    "learning_rate": "lr", "base_lr": "lr", "wd": "weight_decay", "momentum": "momentum_teacher",
    "ema": "momentum_teacher", "temperature": "teacher_temp", "temp": "teacher_temp",
    "koleo": "koleo_loss_weight", "clip": "clip_grad", "mask_ratio": "mask_ratio_max",
  ]

  private func refusal(of text: String, among words: [String]) -> ChangeRefusal {
    let known = Self.otherNames[text].flatMap { words.contains($0) ? $0 : nil }
    let nearest =
      (known ?? nearestName(to: text, among: words)).map { "did you mean '\($0)'? " } ?? ""
    return ChangeRefusal(
      "there is no \(name) '\(PrintableText.line(text, limit: 40))' to change; "
        + "\(nearest)there are \(words.joined(separator: ", "))")
  }
}

/// The reason why a change cannot be made: one line that says how to correct the request.
package struct ChangeRefusal: Error, Equatable, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}
