import Store
import Support

/// Values as configuration files of models have them.
extension JSONValue {
  /// Whether the value says nothing: null, false, or an empty list, object or text.
  var saysNothing: Bool {
    switch self {
    case .null, .bool(false): true
    case .list(let list): list.isEmpty
    case .object(let object): object.isEmpty
    case .text(let text): text.isEmpty
    case .bool, .number: false
    }
  }

  var number: Double? { if case .number(let number) = self { number } else { nil } }

  var text: String? { if case .text(let text) = self { text } else { nil } }

  /// A whole number that fits an `Int32`.
  var whole: Int? { number.flatMap { Int32(exactly: $0) }.map { Int($0) } }

  /// The value as it is shown in messages.
  var shown: String {
    switch self {
    case .null: "null"
    case .bool(let bool): "\(bool)"
    case .number(let number): whole.map(String.init) ?? "\(number)"
    case .text(let text): Store.shown(text)
    case .list(let list):
      "[" + list.prefix(6).map(\.shown).joined(separator: ", ") + (list.count > 6 ? ", …]" : "]")
    case .object(let object):
      "{"
        + object.sorted { $0.key < $1.key }.prefix(6).map { "\(Store.shown($0)): \($1.shown)" }
        .joined(separator: ", ") + (object.count > 6 ? ", …}" : "}")
    }
  }
}
