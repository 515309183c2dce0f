import FoundationEssentials
import Support

extension JSONValue {
  /// The largest file that is read, in bytes. A step of a case takes a few hundred.
  private static let maximalFileSize = 1 << 24

  /// Reads a file of a case.
  init(file path: String) throws(CaseError) {
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try WholeFile.read(path, limit: Self.maximalFileSize)
    } catch {
      throw CaseError(path: path, problem: error.what)
    }
    guard let value = try? JSONDecoder().decode(JSONValue.self, from: Data(bytes)) else {
      throw CaseError(path: path, problem: "not JSON, or cut short")
    }
    self = value
  }
}

/// Reads the keys of a JSON object of a case one by one, so that keys that are left over are
/// found.
struct CaseFields {
  private let path: String
  /// The path of the object, as messages show it before a key: `dino_head.`, `steps[2].`.
  private let prefix: String
  private var fields: [String: JSONValue]

  init(_ value: JSONValue, path: String, name: String? = nil) throws(CaseError) {
    guard case .object(let fields) = value else {
      throw CaseError(path: path, problem: "\(name ?? "it") must be an object of keys")
    }
    self.path = path
    self.fields = fields
    prefix = name.map { $0 + "." } ?? ""
  }

  private func refusal(_ key: String, _ problem: String) -> CaseError {
    CaseError(path: path, problem: "\(prefix)\(key) \(problem)")
  }

  /// Removes and returns the value of a key. Without `fallback` the key must exist.
  private mutating func take<Value>(
    _ key: String, _ kind: String, fallback: Value?, _ read: (JSONValue) -> Value?
  ) throws(CaseError) -> Value {
    guard let value = fields.removeValue(forKey: key) else {
      if let fallback { return fallback }
      throw refusal(key, "is missing")
    }
    guard let value = read(value) else { throw refusal(key, "must be \(kind)") }
    return value
  }

  /// Returns an integer within limits.
  mutating func int(
    _ key: String, _ limits: ClosedRange<Int>, fallback: Int? = nil
  ) throws(CaseError) -> Int {
    let kind = "a whole number from \(limits.lowerBound) to \(limits.upperBound)"
    return try take(key, kind, fallback: fallback) {
      guard case .number(let number) = $0, let whole = Int(exactly: number) else { return nil }
      return limits.contains(whole) ? whole : nil
    }
  }

  /// Returns an integer within limits that is a multiple of another key's value.
  mutating func int(
    _ key: String, _ limits: ClosedRange<Int>, multipleOf divisor: (key: String, value: Int)
  ) throws(CaseError) -> Int {
    let value = try int(key, limits)
    guard value % divisor.value == 0 else {
      throw refusal(key, "\(value) is not a multiple of \(divisor.key) \(divisor.value)")
    }
    return value
  }

  /// Returns a number within limits.
  mutating func number(
    _ key: String, _ limits: ClosedRange<Double> = -1e30...1e30, fallback: Double? = nil
  ) throws(CaseError) -> Double {
    let isAny = limits.lowerBound == -1e30
    let kind = isAny ? "a number" : "a number from \(limits.lowerBound) to \(limits.upperBound)"
    return try take(key, kind, fallback: fallback) {
      guard case .number(let number) = $0, limits.contains(number) else { return nil }
      return number
    }
  }

  mutating func bool(_ key: String, fallback: Bool? = nil) throws(CaseError) -> Bool {
    try take(key, "true or false", fallback: fallback) {
      guard case .bool(let truth) = $0 else { return nil }
      return truth
    }
  }

  /// Returns a text that must be one of `words`.
  mutating func word(
    _ key: String, of words: [String], fallback: String? = nil
  ) throws(CaseError) -> String {
    try take(key, "one of \(words.joined(separator: ", "))", fallback: fallback) {
      guard case .text(let text) = $0, words.contains(text) else { return nil }
      return text
    }
  }

  /// Returns the object under a key; `nil` if the key is optional and missing.
  mutating func object(_ key: String, isOptional: Bool = false) throws(CaseError) -> CaseFields? {
    guard let value = fields.removeValue(forKey: key) else {
      if isOptional { return nil }
      throw refusal(key, "is missing")
    }
    return try CaseFields(value, path: path, name: prefix + key)
  }

  /// Returns the objects that are listed under a key.
  mutating func objects(_ key: String) throws(CaseError) -> [CaseFields] {
    let values: [JSONValue] = try take(key, "a list of objects", fallback: nil) {
      guard case .list(let values) = $0, !values.isEmpty else { return nil }
      return values
    }
    var objects: [CaseFields] = []
    for (number, value) in values.enumerated() {
      objects.append(try CaseFields(value, path: path, name: "\(prefix)\(key)[\(number)]"))
    }
    return objects
  }

  /// Throws an error about a key unless a condition holds, such as that it agrees with other keys.
  func require(_ holds: Bool, _ key: String, _ problem: String) throws(CaseError) {
    if !holds { throw refusal(key, problem) }
  }

  /// Throws if there is a key that was not read.
  func finish() throws(CaseError) {
    guard let key = fields.keys.min() else { return }
    throw refusal(key, "is not a key of a case")
  }
}
