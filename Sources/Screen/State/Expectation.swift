import Run

/// A change that is being typed, and what the daemon says that it would do.
package struct Expectation: Equatable, Sendable {
  package let change: Change
  /// When it was typed, in seconds since 1970.
  let typed: Double
  /// The question to the daemon; `nil` if it has not been asked.
  var id: String?
  /// The daemon's answer; `nil` while it is outstanding.
  package internal(set) var answer: ChangePreview?

  /// Whether the daemon has said that it would refuse the change. That it could not be asked is no refusal.
  var isRefused: Bool { !wasRejected && answer?.refusal != nil }
  /// Whether the question itself was rejected.
  var wasRejected = false

  /// The seconds after the last key after which the daemon is asked.
  private static let pause = 0.2

  init(_ change: Change, typed: Double) {
    self.change = change
    self.typed = typed
  }

  func isDue(_ now: Double) -> Bool { id == nil && now >= typed + Self.pause }
}
