import Run
import Support

extension Trainer {
  /// Carries out what has arrived. While the run is paused this waits for more.
  func obey() throws {
    repeat {
      if isPaused { mailbox.wait() }
      for command in mailbox.take() { try carryOut(command) }
    } while isPaused && !isStopping
  }

  /// Pauses the run by itself, and says what it waits for.
  func hold(_ message: String) {
    isHeld = !isPaused || isHeld
    isPaused = true
    enter(.paused, message: message)
    note("pause", "paused: \(message)", .warning)
  }

  private func carryOut(_ command: TrainerCommand) throws {
    if journal.contains(where: { $0.id == command.id }) {
      recorder.observer?.applied(command.id, step: step + 1)
      return
    }
    switch command.action {
    case .pause: pause(command)
    case .resume: resume(command)
    case .checkpoint: save(command)
    case .stop: stop(command)
    case .set(let metric, let value, let over): set(metric, value, over, command)
    case .phase(let request): try change(request, command)
    case .preview(let request): preview(request, command)
    }
  }

  private func pause(_ command: TrainerCommand) {
    isHeld = false
    guard !isPaused else { return applied(command, "pause") }
    isPaused = true
    enter(.paused, message: "paused by \(command.client)")
    applied(command, "pause")
  }

  private func resume(_ command: TrainerCommand) {
    if isPaused { goOn() }
    applied(command, "resume")
  }

  /// Ends a pause.
  func goOn() {
    (isPaused, isHeld) = (false, false)
    pace.restart(Clock.monotonic())
    enter(.running)
  }

  private func save(_ command: TrainerCommand) {
    // The checkpoint before a phase is as the phase before left it, and can be gone back to.
    let isBorder = stage.phase.index > 0 && step == stage.phase.first - 1
    guard isBorder && lastCheckpoint == step || checkpoint() else {
      recorder.observer?.rejected(
        command.id, reason: "the checkpoint could not be written; the log says why")
      return
    }
    applied(command, "checkpoint")
  }

  private func stop(_ command: TrainerCommand) {
    isStopping = true
    isPaused = false
    enter(.stopping)
    applied(command, "stop")
  }

  private func set(_ metric: Metric, _ value: Double?, _ over: Int, _ command: TrainerCommand) {
    if let reason = refusal(metric, value) {
      recorder.observer?.rejected(command.id, reason: reason)
      return
    }
    let change = plan.adjust(metric, to: value, over: over, from: step + 1)
    // Before the answer: who gets it and asks for the plan sees the change.
    recorder.record(plan.curves())
    applied(
      command, "set",
      JournalEntry(
        id: command.id, time: Clock.wall(), step: step + 1, client: command.client,
        command: "set", key: metric.rawValue, old: change.old, new: value, over: over))
    let target = value.map(LogLine.number) ?? "the recipe's schedule"
    let ramp = over > 1 ? " over \(over) steps" : ""
    note("set", "\(metric.rawValue) goes from \(LogLine.number(change.old)) to \(target)\(ramp)")
  }

  /// Why a value cannot be, in view of this run's other settings.
  private func refusal(_ metric: Metric, _ value: Double?) -> String? {
    if recipe.isDistilled, [.maskRatioMin, .maskRatioMax].contains(metric) {
      return "a distillation masks nothing, so there is no \(metric.rawValue) to set"
    }
    if metric == .koleoLossWeight, self.recipe.train.batchSizePerGPU < 2, value != 0 {
      return "KoLeo compares the images of a batch, and this run's have one"
    }
    guard let value else { return nil }
    let next = step + 1
    let recipe = plan.phases.phase(at: next).recipe
    switch metric {
    case .maskRatioMax where value > recipe.ibot.maskRatioMax:
      return "mask_ratio_max can be lowered only: memory is planned for the recipe's "
        + "\(recipe.ibot.maskRatioMax); start the run with a higher ibot.mask_ratio_min_max"
    case .maskRatioMax where value < plan.value(.maskRatioMin, at: next):
      return "mask_ratio_max would be below mask_ratio_min; lower that first"
    case .maskRatioMin where value > plan.value(.maskRatioMax, at: next):
      return "mask_ratio_min would be above mask_ratio_max; raise that first"
    default:
      return nil
    }
  }

  func applied(_ command: TrainerCommand, _ name: String, _ entry: JournalEntry? = nil) {
    let entry =
      entry
      ?? JournalEntry(
        id: command.id, time: Clock.wall(), step: step + 1, client: command.client,
        command: name)
    journal.append(entry)
    recorder.record(entry)
    recorder.observer?.applied(command.id, step: step + 1)
  }
}
