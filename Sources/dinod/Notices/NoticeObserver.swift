import Notices
import Recipe
import Run
import Schedule
import Support
import Trainer

/// Tells people about a run: the recipe's `notify`.
final class NoticeObserver: RunObserver {
  private let courier: Courier
  private let keys: Recipe.Notify
  private let run: String
  private var step = 0
  private var state: RunState?
  private var told: [String: Double] = [:]
  /// What was not told because of `notify.interval`, by kind.
  private var withheld: [String: Int] = [:]

  /// Prepares to tell. Returns `nil` if the recipe names nobody. Throws if it names somebody who is
  /// not known: better now than at night.
  init?(_ recipe: Recipe, of folder: String) throws {
    guard !recipe.notify.to.isEmpty else { return nil }
    courier = try Courier(Outbox(folder: folder), Self.destinations(recipe))
    keys = recipe.notify
    run = recipe.session.name
  }

  /// Returns whom a recipe names. Throws if one is not known.
  static func destinations(_ recipe: Recipe) throws -> [Destination] {
    recipe.notify.to.isEmpty ? [] : try Destination.named(recipe.notify.to, in: Destination.read())
  }

  func stepped(_ sample: Sample) { step = sample.step }

  func happened(_ event: RunEvent) {
    step = max(step, event.step)
    // The end of a run and its pauses are told by its state.
    guard !["failed", "pause"].contains(event.kind) else { return }
    if event.kind == "alarm", let alarm = Alarm(line: event.text) {
      if keys.tells(alarm: alarm.rawValue, isError: event.level == .error) {
        tell(.alarm, event.text, of: alarm)
      }
    } else if event.level == .error, keys.tells(Notice.Event.alarm.rawValue) {
      tell(.alarm, event.text)
    }
  }

  func changed(_ status: RunStatus) {
    step = max(step, status.step)
    defer { state = status.state }
    guard status.state != state else { return }
    switch status.state {
    case let state where !keys.tells(state.rawValue): break
    case .failed: tell(.failed, status.message ?? "it could not go on")
    case .finished: tell(.finished, "all \(Format.count(status.steps, "step")) are done")
    case .paused where !Self.wasAskedFor(status):
      tell(.paused, status.message ?? "it waits for a person")
    default: break
    }
  }

  /// Whether a person paused the run, who knows it.
  private static func wasAskedFor(_ status: RunStatus) -> Bool {
    let words = status.message ?? ""
    return words.hasPrefix("paused by ")
      && !words.hasPrefix("paused by \(JournalEntry.guardClient)")
  }

  func findings() -> [Finding] { courier.findings().map { (.warning, "notify", $0) } }

  /// Delivers what is left, as far as that is possible within half a minute.
  func stop() {
    let left = courier.close()
    guard left > 0 else { return }
    tellUser("\(Format.count(left, "notice")) could not be delivered; dinod watch goes on trying")
  }

  private func tell(_ event: Notice.Event, _ text: String, of alarm: Alarm? = nil) {
    let now = Clock.monotonic()
    let kind = alarm?.rawValue ?? event.rawValue
    if event == .alarm || event == .paused, let last = told[kind],
      now - last < Double(keys.interval)
    {
      withheld[kind, default: 0] += 1
      return
    }
    told[kind] = now
    let more = withheld.removeValue(forKey: kind).map { " (and \($0) more since the last)" } ?? ""
    courier.send(
      Notice(event, run: run, step: step, text: text + more, alarm: alarm?.rawValue), to: keys.to)
  }

  private func tellUser(_ text: String) { print("\(run): \(text)") }
}
