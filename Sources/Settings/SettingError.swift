import Support

/// The place from which a setting came.
package enum SettingLocation: Sendable, Equatable, CustomStringConvertible {
  /// A line of a file, from 1; `nil` for the file as a whole.
  case file(String, line: Int?)
  /// A `key=value` override of the command line, as given.
  case override(String)
  /// A value that the program itself set.
  case program

  package var description: String {
    switch self {
    case .file(let name, let line?): "\(name):\(line)"
    case .file(let name, nil): name
    case .override(let text): "--set \(text)"
    case .program: "recipe"
    }
  }
}

/// The reason why settings were rejected: one line with the place, the key, the problem and what
/// would be accepted.
package struct SettingError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The place of the value that caused the error.
  package var place: SettingLocation
  /// The dotted name of the key; `nil` if no single key is the cause.
  package var key: String?
  /// The problem, and what would be accepted.
  package var message: String

  package init(place: SettingLocation, key: String?, message: String) {
    self.place = place
    self.key = key
    self.message = message
  }

  package var description: String { PrintableText.message(line) }

  private var line: String {
    // An override usually begins with the key already.
    if case .override(let text) = place, let key, text.hasPrefix(key + "=") {
      return "\(place): \(message)"
    }
    return key.map { "\(place): \($0): \(message)" } ?? "\(place): \(message)"
  }
}

/// A problem with a value whose place is not known yet.
package struct Refusal: Error {
  /// The problem, and what would be accepted.
  package var message: String

  package init(_ message: String) { self.message = message }
}
