/// Where a value of a recipe came from.
package enum RecipePlace: Sendable, Equatable, CustomStringConvertible {
  /// A line (from 1) of a file; nil: the file as a whole.
  case file(String, line: Int?)
  /// A `key=value` of the command line, as it was given.
  case override(String)
  /// Neither: a value that stands in the program.
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

/// Why a recipe was refused: one line that says where, which key, what is wrong and what would do.
package struct RecipeError: Error, Sendable, Equatable, CustomStringConvertible {
  package var place: RecipePlace
  /// The dotted name of the key, where one is at fault.
  package var key: String?
  package var message: String

  package var description: String {
    // What a file holds must not break the line, or steer a terminal.
    String(String.UnicodeScalarView(line.unicodeScalars.map { $0.isControl ? " " : $0 }))
  }

  private var line: String {
    // An override mostly begins with the key at fault already.
    if case .override(let text) = place, let key, text.hasPrefix(key + "=") {
      return "\(place): \(message)"
    }
    return key.map { "\(place): \($0): \(message)" } ?? "\(place): \(message)"
  }
}

extension Unicode.Scalar {
  /// Whether it moves the cursor or steers a terminal rather than being shown.
  fileprivate var isControl: Bool { properties.generalCategory == .control }
}

/// What is wrong with a value, before it is known where it stands.
struct Refusal: Error {
  var message: String

  init(_ message: String) { self.message = message }
}
