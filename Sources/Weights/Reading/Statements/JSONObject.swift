import FoundationEssentials
import Store
import Support

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
