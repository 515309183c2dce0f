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
  private var watch = AlarmWatch()
  /// Whether the log's last word on the run's health was an alarm.
  private var hasAlarm = false
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
    // A person who lets a run go on that the guard has held up has seen its alarms.
    let last = record.journal.last { $0.client == JournalEntry.guardClient || $0.isRewound }
    if [.pause, .stop].contains(last?.change) {
      _ = watch.look(Health(record, isTraining: true), isLast: true)
      watch.answer(watch.inForce)
      hasAlarm = !watch.inForce.isEmpty
    }
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
    if status.state == .paused { look(at: status.step, isLast: true) }
  }

  func happened(_ event: RunEvent) { record.append(event) }
  func evaluated(_ evaluation: ProbeResult) { record.append(evaluation) }
  func entered(_ phase: PhaseStatus) { record.set(phase) }

  func journaled(_ entry: JournalEntry) {
    record.append(entry)
    // Who lets the run go on has seen the alarms that it has.
    if entry.change == .resume { watch.answer(due(at: entry.step)) }
    // What was seen is over with the steps that the run has dropped.
    if entry.isRewound { (watch, hasAlarm) = (AlarmWatch(), false) }
  }

  func findings() -> [Finding] {
    defer { found = [] }
    return found
  }

  private func look(at step: Int, isLast: Bool = false) {
    let health = Health(record, isTraining: true)
    let news = watch.look(health, isLast: isLast)
    for finding in news {
      tell(finding.verdict, finding.line)
      hasAlarm = true
    }
    if hasAlarm, health.findings.isEmpty, watch.inForce.isEmpty {
      tell(health.verdict, health.line)
      hasAlarm = false
    }
    act(at: step)
  }

  private func tell(_ verdict: Health.Verdict, _ line: String) {
    let level: RunEvent.Level =
      switch verdict {
      case .collapsing: .error
      case .watch: .warning
      default: .info
      }
    found.append((level, "alarm", line))
  }

  /// Does what the recipe says about the alarms in force, once for each; of several actions the one that
  /// interferes most with the run.
  private func act(at step: Int) {
    guard asked == nil else { return }
    let due = due(at: step)
    let actions: [([String], Change)] = [
      (keys.stop, .stop),
      // Who asks for a pause does not want the default.
      (keys.pause, .pause),
      (keys.rewind, rewindsOfPhase < keys.rewindLimit ? rewind : .pause),
    ]
    for (alarms, change) in actions {
      guard let finding = due.first(where: { alarms.contains($0.alarm.rawValue) }) else { continue }
      watch.answer(due)
      found.append(
        (
          .warning, "guard",
          "\(change.summary), because of \(finding.alarm.rawValue): \(finding.reason)"
        ))
      return ask(for: change, because: finding.reason)
    }
  }

  /// The alarms that something may be done about.
  private func due(at step: Int) -> [Health.Finding] {
    // What is judged by the last steps would be judged by those before a rewind.
    let rewound = record.journal.last(where: \.isRewound).map { $0.step + Self.settling }
    return watch.unanswered.filter { finding in
      // No healthy run begins with these, but a single step that is skipped is no harm.
      [.notFinite, .divergence].contains(finding.alarm)
        ? finding.verdict == .collapsing : step >= max(keys.after, rewound ?? 0)
    }
  }

  /// The steps after a rewind before which most alarms are only logged.
  private static let settling = 200

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
