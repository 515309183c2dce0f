import FoundationEssentials
import Recipe
import Run
import Schedule
import Support
import Trainer

/// Watches a run's health by the same judgement that the dashboard shows, says in the log when it turns,
/// with the usual remedy, and does what the recipe's `guard` says.
///
/// What it does is a change like any other, asked for by the client `guard`.
final class RunGuard: RunObserver {
  private var record: RunRecord
  private let keys: Recipe.Guard
  private let mailbox: ChangeMailbox
  private var said: Health.Verdict
  private var alarm: Alarm?
  /// What the last look found, if it differs from what was said: it has to last until the next one.
  private var turning: Health.Verdict?
  private var nextLook = 0.0
  private var found: [Finding] = []

  /// Seconds between two looks, which cost some milliseconds each.
  private static let interval = 2.0

  /// Begins with the run so far. Changes are posted to the mailbox.
  init(_ record: RunRecord, _ recipe: Recipe, mailbox: ChangeMailbox) {
    self.record = record
    self.mailbox = mailbox
    keys = recipe.guard
    said = Health(record, isTraining: true).verdict
  }

  func stepped(_ sample: Sample) {
    record.append(sample)
    let now = Clock.monotonic()
    guard now >= nextLook else { return }
    nextLook = now + Self.interval
    look(at: sample.step)
  }

  func changed(_ status: RunStatus) { record.set(status) }
  func happened(_ event: RunEvent) { record.append(event) }
  func evaluated(_ evaluation: ProbeResult) { record.append(evaluation) }
  func journaled(_ entry: JournalEntry) { record.append(entry) }
  func entered(_ phase: PhaseStatus) { record.set(phase) }

  func findings() -> [Finding] {
    defer { found = [] }
    return found
  }

  private func look(at step: Int) {
    let health = Health(record, isTraining: true)
    guard health.verdict != said || health.alarm != alarm else {
      turning = nil
      return
    }
    guard turning == health.verdict else {
      turning = health.verdict
      return
    }
    // At the start, that all is well is no news.
    if said != .unknown || health.alarm != nil { tell(health) }
    (said, alarm, turning) = (health.verdict, health.alarm, nil)
    if let alarm = health.alarm, step >= keys.after { act(on: alarm, health.reason) }
  }

  private func tell(_ health: Health) {
    let level: RunEvent.Level =
      switch health.verdict {
      case .collapsing: .error
      case .watch: .warning
      default: .info
      }
    let remedy = health.alarm.map { " (\($0.rawValue)); what helps: \($0.remedy)" } ?? ""
    found.append((level, "alarm", "\(health.verdict.rawValue): \(health.reason)\(remedy)"))
  }

  private func act(on alarm: Alarm, _ reason: String) {
    let change: Change
    if keys.stop.contains(alarm.rawValue) {
      change = .stop
    } else if keys.pause.contains(alarm.rawValue) {
      change = .pause
    } else {
      return
    }
    found.append(
      (.warning, "guard", "\(change.kind.name), because of \(alarm.rawValue): \(reason)"))
    mailbox.post(
      ChangeRequest(id: UUID().uuidString, client: JournalEntry.guardClient, change: change))
  }
}
