import FoundationEssentials
import Run
import Support

/// Something about a run that somebody wants to be told.
package struct Notice: Codable, Sendable, Equatable {
  /// What may be told; recipes choose among these (`notify.on`).
  package enum Event: String, Codable, Sendable, CaseIterable {
    /// The run has an alarm, such as a collapse.
    case alarm
    /// The run paused itself and waits for a person.
    case paused
    case finished
    case failed
    /// The daemon has ended without a word, or makes no step.
    case silent
    /// Somebody tries whether a destination works.
    case test
  }

  /// A unique id, by which a receiver knows what it got twice.
  package let id: String
  package let event: Event
  /// The run's name, its machine, and its step.
  package let run: String
  package let host: String
  package let step: Int
  /// When it happened, in seconds since 1970.
  package let time: Double
  /// What happened, in a line.
  package let text: String
  /// The name of the alarm; `nil` for other notices.
  package let alarm: String?

  package init(
    _ event: Event, run: String, step: Int, text: String, alarm: String? = nil,
    id: String = UUID().uuidString
  ) {
    self.alarm = alarm
    self.id = id
    self.event = event
    self.run = run
    host = HostName.own
    self.step = step
    time = Clock.wall()
    self.text = PrintableText.line(text, limit: 1000)
  }

  /// The notice in a line, such as `moths on gpu1: finished at step 4,000: …`. `attempt` counts from 1;
  /// later ones say that the notice may have come before.
  package func line(attempt: Int) -> String {
    let again = attempt > 1 ? " (sent again, attempt \(attempt); it may have come before)" : ""
    return "\(run) on \(host): \(event.rawValue) at step \(Format.count(step)): \(text)\(again)"
  }
}
