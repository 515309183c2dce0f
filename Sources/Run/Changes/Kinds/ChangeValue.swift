import Support

/// The value of a change's argument: a number or a string, in JSON on the wire and in the
/// database.
package enum ChangeValue: Sendable, Equatable, Codable {
  case number(Double)
  case text(String)

  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let number = try? container.decode(Double.self) {
      self = .number(number)
    } else if let flag = try? container.decode(Bool.self) {
      self = .number(flag ? 1 : 0)
    } else {
      self = .text(try container.decode(String.self))
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .number(let number): try container.encode(number)
    case .text(let text): try container.encode(text)
    }
  }

  /// The value as it is typed in a shell, with quotes if it has spaces.
  var typed: String {
    switch self {
    case .number(let number): Format.plain(number)
    case .text(let text): text.contains(" ") ? "'\(text)'" : text
    }
  }

  /// The number; `nil` if the value is text.
  package var number: Double? { if case .number(let number) = self { number } else { nil } }
  /// The step at which a change begins; `nil` if the value is none.
  package var start: ChangeStart? {
    switch self {
    case .number(let number): Int(exactly: number).map(ChangeStart.at)
    case .text(let text): ChangeStart(text)
    }
  }
  /// The text; `nil` if the value is a number.
  package var text: String? { if case .text(let text) = self { text } else { nil } }
}

/// The arguments of a change by name. Arguments that were not given are absent.
package typealias ChangeValues = [String: ChangeValue]

extension ChangeValues {
  /// Returns a numeric argument; `nil` if it was not given. `ChangeKind` has already checked types
  /// and limits.
  package func number(_ name: String) -> Double? { self[name]?.number }
  /// Returns an argument that is a whole number; `nil` if it was not given.
  package func count(_ name: String) -> Int? { self[name]?.number.map { Int($0) } }
  /// Returns a text argument; `nil` if it was not given.
  package func text(_ name: String) -> String? { self[name]?.text }

  /// Creates arguments from optional values; those that are `nil` are left out.
  init(_ numbers: KeyValuePairs<String, Double?>, texts: KeyValuePairs<String, String?> = [:]) {
    self.init()
    for case (let name, let number?) in numbers { self[name] = .number(number) }
    for case (let name, let text?) in texts { self[name] = .text(text) }
  }
}

extension ChangeStart {
  /// The value as the wire and the journal have it: a number, or a text such as `+500`.
  var value: ChangeValue {
    switch self {
    case .at(let step): .number(Double(step))
    case .after(let steps): .text("+\(steps)")
    }
  }
}
