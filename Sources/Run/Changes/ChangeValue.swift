import Support

/// The value of a change's argument, on the wire and in the database a JSON number or string.
package enum ChangeValue: Sendable, Equatable, Codable {
  case number(Double)
  case text(String)

  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let number = try? container.decode(Double.self) {
      self = .number(number)
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

  /// As a person types it.
  var typed: String {
    switch self {
    case .number(let number): Format.plain(number)
    case .text(let text): text.contains(" ") ? "'\(text)'" : text
    }
  }

  package var number: Double? { if case .number(let number) = self { number } else { nil } }
  package var text: String? { if case .text(let text) = self { text } else { nil } }
}

/// The arguments of a change by name; an argument that is not given is absent.
package typealias ChangeValues = [String: ChangeValue]

extension ChangeValues {
  /// A number, or nil where it is not given. The kind's table has checked its type and limits.
  package func number(_ name: String) -> Double? { self[name]?.number }
  /// A whole number.
  package func count(_ name: String) -> Int? { self[name]?.number.map { Int($0) } }
  /// A text.
  package func text(_ name: String) -> String? { self[name]?.text }

  /// Arguments of which some may be absent.
  init(_ numbers: KeyValuePairs<String, Double?>, texts: KeyValuePairs<String, String?> = [:]) {
    self.init()
    for case (let name, let number?) in numbers { self[name] = .number(number) }
    for case (let name, let text?) in texts { self[name] = .text(text) }
  }
}
