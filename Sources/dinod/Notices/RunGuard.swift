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
  private let recipe: Recipe
  private var keys: Recipe.Guard { recipe.guard }
  private let mailbox: ChangeMailbox
  private var said: Health.Verdict
  private var alarm: Alarm?
  /// What the last look found, if it differs from what was said: it has to last until the next one.
  private var turning: Health.Verdict?
  private var nextLook = 0.0
  private var found: [Finding] = []
  /// The id of a change that was asked for and is not made yet. Meanwhile nothing else is done.
  private var asked: String?

  /// Seconds between two looks, which cost some milliseconds each.
  private static let interval = 2.0

  /// Begins with the run so far. Changes are posted to the mailbox.
  init(_ record: RunRecord, _ recipe: Recipe, mailbox: ChangeMailbox) {
    self.record = record
    self.mailbox = mailbox
    self.recipe = recipe
    said = Health(record, isTraining: true).verdict
  }

  func stepped(_ sample: Sample) {
    record.append(sample)
    let now = Clock.monotonic()
    guard now >= nextLook else { return }
    nextLook = now + Self.interval
    look(at: sample.step)
  }

  func changed(_ status: RunStatus) {
    record.set(status)
    // No step will come, so what is seen now has to do.
    if status.state == .paused { judge(Health(record, isTraining: true), at: status.step) }
  }

  func happened(_ event: RunEvent) { record.append(event) }
  func evaluated(_ evaluation: ProbeResult) { record.append(evaluation) }
  func entered(_ phase: PhaseStatus) { record.set(phase) }

  func journaled(_ entry: JournalEntry) {
    record.append(entry)
    // What was seen is over with the steps that the run has dropped.
    if entry.isRewound { (said, alarm, turning) = (.unknown, nil, nil) }
  }

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
    judge(health, at: step)
  }

  private func judge(_ health: Health, at step: Int) {
    guard health.verdict != said || health.alarm != alarm else { return }
    // At the start, that all is well is no news.
    if said != .unknown || health.alarm != nil { tell(health) }
    (said, alarm, turning) = (health.verdict, health.alarm, nil)
    if let alarm = health.alarm { act(on: alarm, health, at: step) }
  }

  private func tell(_ health: Health) {
    let level: RunEvent.Level =
      switch health.verdict {
      case .collapsing: .error
      case .watch: .warning
      default: .info
      }
    found.append((level, "alarm", health.line))
  }

  private func act(on alarm: Alarm, _ health: Health, at step: Int) {
    // No healthy run begins with these, but a single step that is skipped is no harm.
    if [.notFinite, .divergence].contains(alarm) {
      guard health.verdict == .collapsing else { return }
    } else {
      guard step >= keys.after else { return }
    }
    guard asked == nil, let change = action(at: alarm) else { return }
    found.append(
      (.warning, "guard", "\(change.summary), because of \(alarm.rawValue): \(health.reason)"))
    ask(for: change, because: health.reason)
  }

  private func ask(for change: Change, because reason: String) {
    let id = UUID().uuidString
    asked = id
    mailbox.post(
      ChangeRequest(
        id: id, client: JournalEntry.guardClient, change: change, isOwn: true, reason: reason))
  }

  func applied(_ id: String, step: Int, undo: Change?, note: String?) {
    if id == asked { asked = nil }
  }

  /// A run that cannot go back waits for a person.
  func rejected(_ id: String, reason: String) {
    guard id == asked else { return }
    found.append((.warning, "guard", "refused: \(reason)"))
    ask(for: .pause, because: "it could not go back: \(reason)")
  }

  /// Returns what the recipe says is to be done at an alarm; `nil` if nothing is.
  private func action(at alarm: Alarm) -> Change? {
    if keys.stop.contains(alarm.rawValue) { return .stop }
    // Who asks for a pause does not want the default.
    if keys.pause.contains(alarm.rawValue) { return .pause }
    guard keys.rewind.contains(alarm.rawValue) else { return nil }
    return rewindsOfPhase < keys.rewindLimit ? rewind : .pause
  }

  /// How often the guard has gone back in the present phase.
  private var rewindsOfPhase: Int {
    let inForce = record.journal.inForce
    let begin = inForce.lastIndex { $0.beginsPhase } ?? 0
    return inForce[begin...].filter {
      $0.client == JournalEntry.guardClient && $0.isRewound
    }.count
  }

  /// Going back, with a learning rate that is lower each time.
  private var rewind: Change {
    let factor = (0...rewindsOfPhase).reduce(1) { factor, _ in factor * keys.rewindLr }
    return .rewind(Rewind(set: SetSchedule(.lr, to: nil, factor: factor)))
  }
}
