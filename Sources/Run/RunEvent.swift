/// Something that happened in a run and that a person should be able to read later.
package struct RunEvent: Codable, Sendable, Equatable {
  package enum Level: String, Codable, Sendable { case info, warning, error }

  package var time: Double
  package var step: Int
  package var level: Level
  /// A short word for the sort of event: `start`, `checkpoint`, `set`, `image`, `health`, …
  package var kind: String
  package var text: String

  package init(time: Double, step: Int, level: Level, kind: String, text: String) {
    self.time = time
    self.step = step
    self.level = level
    self.kind = kind
    self.text = text
  }
}
