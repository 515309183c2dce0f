/// An event in a run that is logged for people to read.
package struct RunEvent: Codable, Sendable, Equatable {
  /// The severity of an event.
  package enum Level: String, Codable, Sendable {
    case info, warning, error

    /// A level of a later version counts as a warning, so that it is seen.
    package init(from decoder: any Decoder) throws {
      self = Level(rawValue: try String(from: decoder)) ?? .warning
    }
  }

  /// When it happened, in seconds since 1970, and after which step.
  package var time: Double
  @Count package var step: Int
  /// The severity.
  package var level: Level
  /// The category of the event, in one word: `start`, `checkpoint`, `set`, `image`, `health`, …
  package var kind: String
  /// The message.
  package var text: String

  package init(time: Double, step: Int, level: Level, kind: String, text: String) {
    self.time = time
    self.step = step
    self.level = level
    self.kind = kind
    self.text = text
  }
}
