import Run
import Support

extension Trainer {
  /// Carries out the requests that have arrived. While the run is paused, waits for more.
  func processRequests() throws {
    repeat {
      if isPaused { mailbox.wait() }
      for request in mailbox.take() { try perform(request) }
    } while isPaused && !isStopping
  }

  /// Pauses the run without a request; `message` says what it waits for.
  func pauseItself(_ message: String) {
    pausedItself = !isPaused || pausedItself
    isPaused = true
    enter(.paused, message: message)
    note("pause", "paused: \(message)", .warning)
  }

  private func perform(_ request: ChangeRequest) throws {
    if request.isPreview { return preview(request) }
    if let earlier = journal.entry(request.id) {
      recorder.observer?.applied(request.id, step: earlier.step, undo: nil)
      return
    }
    switch request.change {
    case .pause: pause(request)
    case .resume: resume(request)
    case .checkpoint: save(request)
    case .stop: stop(request)
    case .set(let set): self.set(set, request)
    case .phase(let phase):
      try change(request) { () throws(PhaseRefusal) in try begin(phase, request) }
    case .back: try change(request) { () throws(PhaseRefusal) in try goBack(request) }
    case .note(let text):
      applied(request)
      note("note", "\(text.text) (\(request.client))")
    }
  }

  private func pause(_ request: ChangeRequest) {
    pausedItself = false
    guard !isPaused else { return applied(request) }
    isPaused = true
    enter(.paused, message: "paused by \(request.client)")
    applied(request)
  }

  private func resume(_ request: ChangeRequest) {
    if isPaused { continueRun() }
    applied(request)
  }

  /// Ends a pause.
  func continueRun() {
    (isPaused, pausedItself) = (false, false)
    pace.restart(Clock.monotonic())
    enter(.running)
  }

  private func save(_ request: ChangeRequest) {
    // The checkpoint at a phase boundary holds the state of the phase before, and `back` needs it.
    // It must not be overwritten.
    let isBoundary = runtime.phase.index > 0 && step == runtime.phase.first - 1
    guard isBoundary && lastCheckpoint == step || checkpoint() else {
      recorder.observer?.rejected(
        request.id, reason: "the checkpoint could not be written; see the log")
      return
    }
    applied(request)
  }

  private func stop(_ request: ChangeRequest) {
    isStopping = true
    isPaused = false
    enter(.stopping)
    applied(request)
  }

  private func set(_ set: SetSchedule, _ request: ChangeRequest) {
    if let reason = refusal(of: set) {
      recorder.observer?.rejected(request.id, reason: reason)
      return
    }
    let change = plan.adjust(set, from: step + 1)
    // Recorded before the answer, so that a client that asks for the plan upon the answer sees the
    // change.
    recorder.record([plan.curve(set.metric)])
    applied(request, .from(change.old))
    let target = set.value.map(LogLine.number) ?? "the recipe's schedule"
    let ramp = change.over > 1 ? " over \(change.over) steps" : ""
    note(
      "set", "\(set.metric.rawValue) goes from \(LogLine.number(change.old)) to \(target)\(ramp)")
  }

  /// Returns why a schedule cannot be changed this way, given the run's other settings; `nil` if
  /// it can.
  private func refusal(of set: SetSchedule) -> String? {
    if recipe.isDistilled, [.maskRatioMin, .maskRatioMax].contains(set.metric) {
      return "a distillation masks nothing, so there is no \(set.metric.rawValue) to set"
    }
    if set.metric == .koleoLossWeight, self.recipe.train.batchSizePerGPU < 2, set.value != 0 {
      return "KoLeo compares the images of a batch, but this run's batches have one"
    }
    guard let value = set.value else { return nil }
    let next = step + 1
    let recipe = plan.phases.phase(at: next).recipe
    switch set.metric {
    case .maskRatioMax where value > recipe.ibot.maskRatioMax:
      return "mask_ratio_max can only be lowered: memory is planned for the recipe's "
        + "\(recipe.ibot.maskRatioMax); start the run with a higher ibot.mask_ratio_min_max"
    case .maskRatioMax where value < plan.value(.maskRatioMin, at: next):
      return "mask_ratio_max would be below mask_ratio_min; lower that first"
    case .maskRatioMin where value > plan.value(.maskRatioMax, at: next):
      return "mask_ratio_min would be above mask_ratio_max; raise that first"
    default:
      return nil
    }
  }

  /// Records a change in the journal, and answers its client.
  func applied(_ request: ChangeRequest, _ effect: ChangeEffect? = nil) {
    let entry = JournalEntry(
      id: request.id, time: Clock.wall(), step: step + 1, client: request.client,
      change: request.change, effect: effect)
    journal.append(entry)
    recorder.record(entry)
    answerApplied(entry)
  }

  /// Answers that a change was made, with the change that reverses it.
  func answerApplied(_ entry: JournalEntry) {
    recorder.observer?.applied(entry.id, step: step + 1, undo: journal.inverse(of: entry.id))
  }
}
