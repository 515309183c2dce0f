import Run
import Schedule
import Support

extension Trainer {
  /// Carries out the requests that have arrived. While the run is paused, waits for more.
  func processRequests() throws {
    repeat {
      if isPaused { mailbox.wait(seconds: outage == nil ? nil : 1) }
      for request in mailbox.take() { try perform(request) }
      endOutage()
    } while isPaused && !isStopping
  }

  /// Pauses the run until something outside it is in order again, and then continues by itself.
  func pauseItself(_ message: String, until isOver: @escaping () -> Bool) {
    pauseItself(message)
    outage = isOver
  }

  private func endOutage() {
    guard let isOver = outage, isOver() else { return }
    outage = nil
    note("resume", "what was missing is there again")
    if pausedItself { continueRun() }
  }

  /// Checks that the run's folder is still where it was; pauses the run and returns false if it is
  /// not. Nothing is written then, since another run may have its path.
  func isFolderInPlace() -> Bool {
    guard let lock, !lock.isInPlace else { return true }
    pauseItself(
      "\(directory.path) was removed, moved or replaced; put the folder back, and the run continues",
      until: { lock.isInPlace })
    return false
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
      recorder.observer?.applied(
        request.id, step: earlier.step, undo: journal.inverse(of: request.id), note: nil)
      return
    }
    switch request.change {
    case .pause: pause(request)
    case .resume: resume(request)
    case .checkpoint(let name): save(name, request)
    case .stop: stop(request)
    case .set(let set): self.set(set, request)
    case .phase(let phase):
      try change(request) { () throws(PhaseRefusal) in try begin(phase, request) }
    case .back: try change(request) { () throws(PhaseRefusal) in try goBack(request) }
    case .rewind(let rewind):
      try change(request) { () throws(PhaseRefusal) in try self.rewind(rewind, request) }
    case .note(let text):
      if commit(request) { note("note", "\(text.text) (\(request.client))") }
    }
  }

  private func pause(_ request: ChangeRequest) {
    pausedItself = false
    if !isPaused {
      isPaused = true
      enter(.paused, message: "paused by \(request.client)")
      note("pause", "paused by \(request.client)")
    }
    answerDone(request)
  }

  private func resume(_ request: ChangeRequest) {
    if isPaused {
      continueRun()
      note("resume", "resumed by \(request.client)")
    }
    answerDone(request)
  }

  /// Ends a pause.
  func continueRun() {
    (isPaused, pausedItself, outage) = (false, false, nil)
    pace.restart(Clock.monotonic())
    enter(.running)
  }

  private func save(_ name: String?, _ request: ChangeRequest) {
    // The checkpoint at a phase boundary holds the state of the phase before, and `back` needs it.
    // It must not be overwritten.
    let isBoundary = runtime.phase.index > 0 && step == runtime.phase.first - 1
    guard isBoundary && lastCheckpoint == step && name == nil || checkpoint(name: name) else {
      recorder.observer?.rejected(
        request.id, reason: "the checkpoint could not be written; see the log")
      return
    }
    answerDone(request)
  }

  private func stop(_ request: ChangeRequest) {
    isStopping = true
    isPaused = false
    enter(.stopping)
    answerDone(request)
  }

  private func set(_ set: SetSchedule, _ request: ChangeRequest) {
    let planned: PlannedSet
    switch self.planned(set) {
    case .failure(let refusal):
      recorder.observer?.rejected(request.id, reason: refusal.description)
      return
    case .success(let found): planned = found
    }
    var request = request
    // The journal says from which step, whatever the present one was.
    var set = set
    set.start = planned.first == step + 1 ? nil : .at(planned.first)
    request.change = .set(set)
    let change = planned.change
    let warning = warning(of: planned)
    let applied = commit(request, .from(change.old), first: planned.first, note: warning) {
      plan = planned.plan
      // Recorded before the answer, so that a client that asks for the plan upon the answer sees
      // the change.
      recorder.record([plan.curve(set.metric)])
    }
    guard applied else { return }
    let ramp = change.over > 1 ? " over \(Format.count(change.over, "step"))" : ""
    note(
      "set",
      "\(set.metric.rawValue) goes from \(LogLine.number(change.old)) to \(set.target)\(ramp), "
        + "beginning with step \(planned.first)")
  }

  /// Returns what a change of a schedule replaces besides what it is meant to; `nil` if nothing.
  func warning(of planned: PlannedSet) -> String? {
    let replaced = plan.adjustments.filter {
      $0.metric == planned.change.metric && $0.step > planned.first
        && !planned.plan.adjustments.contains($0)
    }
    return replaced.first { $0.step > step }.map {
      "it replaces the change of \($0.metric.rawValue) that was to begin with step "
        + Format.count($0.step)
    }
      ?? replaced.first.map {
        "it replaces the change of \($0.metric.rawValue) of step \(Format.count($0.step))"
      }
  }

  /// A schedule's change, the plan with it, and the first step that it affects.
  struct PlannedSet {
    let first: Int
    let plan: SchedulePlan
    let change: Adjustment
  }

  /// Returns the plan with a change of a schedule after a step, by default the present one, or why the
  /// change cannot be made.
  func planned(_ set: SetSchedule, after step: Int? = nil) -> Result<PlannedSet, ChangeRefusal> {
    let step = step ?? self.step
    let first =
      switch set.start {
      case .at(let step): step
      case .after(let steps): step + 1 + steps
      case nil: step + 1
      }
    guard first > step else {
      return .failure(ChangeRefusal("step \(first) is over; the next one is \(step + 1)"))
    }
    guard first <= plan.totalSteps else {
      return .failure(
        ChangeRefusal("step \(first) will not come: the run ends with \(plan.totalSteps)"))
    }
    if let reason = refusal(of: set, at: first) { return .failure(ChangeRefusal(reason)) }
    if !set.isForced, let doubt = plan.doubt(about: set, at: first) {
      return .failure(ChangeRefusal("\(doubt); if you mean it, add --force"))
    }
    var changed = plan
    let change = changed.adjust(set, from: first)
    return .success(PlannedSet(first: first, plan: changed, change: change))
  }

  /// Returns why a schedule cannot be changed this way from a step on, given the run's other settings;
  /// `nil` if it can.
  private func refusal(of set: SetSchedule, at next: Int) -> String? {
    if recipe.isDistilled, [.maskRatioMin, .maskRatioMax].contains(set.metric) {
      return "a distillation masks nothing, so there is no \(set.metric.rawValue) to set"
    }
    if set.metric == .koleoLossWeight, self.recipe.train.batchSizePerGPU < 2, set.value != 0 {
      return "KoLeo compares the images of a batch, but this run's batches have one"
    }
    if let reason = set.metric.refusal(of: set.value) { return reason }
    guard let range = plan.values(of: set, at: next) else { return nil }
    // A factor may lower what the recipe itself has beyond the limits.
    let factor = set.factor ?? 1
    for (value, counts) in [(range.lowerBound, factor < 1), (range.upperBound, factor > 1)] {
      if counts, let reason = set.metric.refusal(of: value) { return reason }
    }
    let value = range.upperBound
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

  /// Makes a change that decides what the run computes or that is nothing but its record: writes it
  /// to the journal, on the disk, then applies it, then answers. If it cannot be written it is not
  /// applied, the answer says why, and this returns false. `first` is the first step that it affects;
  /// without it the next one.
  private func commit(
    _ request: ChangeRequest, _ effect: ChangeEffect? = nil, first: Int? = nil,
    note: String? = nil, apply: () -> Void = {}
  ) -> Bool {
    var entry = entry(request, effect)
    entry.step = first ?? entry.step
    do {
      try recorder.commit(entry)
    } catch {
      recorder.observer?.rejected(
        request.id, reason: "it could not be written to the journal, so nothing changed: \(error)")
      return false
    }
    journal.append(entry)
    apply()
    answerApplied(entry, note: note)
    return true
  }

  /// Answers that a request about the process was carried out, and adds it to the journal. Such a
  /// request changes nothing that is computed, and someone whose disk is full must be able to stop
  /// the run. So it is carried out even if the journal cannot be written; the answer says so.
  private func answerDone(_ request: ChangeRequest) {
    let entry = entry(request, nil)
    var problem: String?
    do {
      try recorder.commit(entry)
      journal.append(entry)
    } catch {
      problem = "done, but it is not in the journal: \(error)"
    }
    answerApplied(entry, note: problem)
  }

  private func entry(_ request: ChangeRequest, _ effect: ChangeEffect?) -> JournalEntry {
    JournalEntry(
      id: request.id, time: Clock.wall(), step: step + 1, client: request.client,
      change: request.change, effect: effect)
  }

  /// Answers that a change was made, with the change that reverses it.
  func answerApplied(_ entry: JournalEntry, note: String? = nil) {
    recorder.observer?.applied(
      entry.id, step: max(entry.step, step + 1), undo: journal.inverse(of: entry.id), note: note)
  }
}
