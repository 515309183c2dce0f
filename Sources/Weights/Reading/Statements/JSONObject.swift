import FoundationEssentials
import Store
import Support

/// A value of a configuration file.
enum JSONValue: Decodable, Equatable, Sendable {
  case null
  case bool(Bool)
  case number(Double)
  case text(String)
  case list([JSONValue])
  case object([String: JSONValue])

  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if value.decodeNil() {
      self = .null
    } else if let bool = try? value.decode(Bool.self) {
      self = .bool(bool)
    } else if let number = try? value.decode(Double.self) {
      self = .number(number)
    } else if let text = try? value.decode(String.self) {
      self = .text(text)
    } else if let list = try? value.decode([JSONValue].self) {
      self = .list(list)
    } else {
      self = .object(try value.decode([String: JSONValue].self))
    }
  }

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

/// The object of a configuration file, and where it is from.
struct JSONObject {
  let path: String
  let members: [String: JSONValue]
  /// The keys that lead to the object in the file, such as `model_args.`.
  var prefix = ""

  /// Reads a file. Returns `nil` if there is none.
  init?(file path: String) throws(FileError) {
    guard FileSystem.exists(path) else { return nil }
    try self.init(try FileInput.text(of: path, limit: 1 << 20), of: path)
  }

  /// Reads a text from a file.
  init(_ text: String, of path: String) throws(FileError) {
    guard let members = try? JSONDecoder().decode([String: JSONValue].self, from: Data(text.utf8))
    else {
      throw FileError(
        file: path, what: "is not what its name says",
        remedy: "fetch it again from where the weights came from")
    }
    self.init(path: path, members: members)
  }

  private init(path: String, members: [String: JSONValue], prefix: String = "") {
    (self.path, self.members, self.prefix) = (path, members, prefix)
  }

  /// The value of a key. `nil` if there is none, or it is null.
  subscript(key: String) -> JSONValue? { members[key].flatMap { $0 == .null ? nil : $0 } }

  /// Returns an object within this one, or `nil`.
  func object(_ key: String) -> JSONObject? {
    guard case .object(let inner)? = self[key] else { return nil }
    return JSONObject(path: path, members: inner, prefix: prefix + key + ".")
  }

  /// Returns the value of a key by `read`. `nil` if there is none. Throws if `read` returns `nil`.
  func value<Value>(
    _ key: String, _ wanted: String, _ read: (JSONValue) -> Value?
  ) throws(FileError) -> Value? {
    guard let value = self[key] else { return nil }
    guard let read = read(value) else { throw refused(key, "where \(wanted) belongs") }
    return read
  }

  /// Returns the error of a key whose value is not followed.
  func refused(
    _ key: String, _ why: String,
    remedy: String = "put it right; if it is of no account for these weights, take the key out"
  ) -> FileError {
    FileError(
      file: path, what: "says \(prefix + key) \(self[key]?.shown ?? "null"), \(why)",
      remedy: remedy)
  }

  /// Throws if a key says something that is neither in `known` nor in `harmless`.
  func refuseOthers(than known: [String], _ harmless: Set<String>) throws(FileError) {
    for (key, value) in members.sorted(by: { $0.key < $1.key })
    where !value.saysNothing && !known.contains(key) && !harmless.contains(key) {
      throw refused(
        key, "which Dino does not know and so cannot follow",
        remedy: "if it changes no feature, take the key out")
    }
  }
}
