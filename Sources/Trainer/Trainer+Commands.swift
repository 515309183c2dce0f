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
    if let earlier = journal.entries(of: request.id).first {
      recorder.observer?.applied(
        request.id, step: earlier.step, undo: journal.inverse(of: request.id), note: nil)
      return
    }
    if let reason = refusal(byControl: request) {
      recorder.observer?.rejected(request.id, reason: reason)
      return
    }
    switch request.change {
    case .pause: pause(request)
    case .resume: resume(request)
    case .checkpoint(let name): save(name, request)
    case .stop: stop(request)
    case .set(let set): self.set([set], request)
    case .together(let sets): self.set(sets, request)
    case .phase(let phase):
      try change(request) { () throws(PhaseRefusal) in try begin(phase, request) }
    case .back: try change(request) { () throws(PhaseRefusal) in try goBack(request) }
    case .rewind(let rewind):
      try change(request) { () throws(PhaseRefusal) in try self.rewind(rewind, request) }
    case .control(let control): pass(control, request)
    case .note(let text):
      if commit([entry(request)]) { note("note", "\(text.text) (\(request.client))") }
    }
  }

  private func pause(_ request: ChangeRequest) {
    pausedItself = false
    if !isPaused {
      isPaused = true
      let message = "paused by \(request.client)" + (request.reason.map { ": \($0)" } ?? "")
      enter(.paused, message: message)
      note("pause", message)
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

  private func pass(_ control: Control, _ request: ChangeRequest) {
    let before = journal.controller(at: Clock.wall())
    guard commit([entry(request)]) else { return }
    let other = before.flatMap {
      $0.person == JournalEntry.person(request.client) ? nil : $0.person
    }
    note(
      "control",
      "\(JournalEntry.person(request.client)) \(control.action == .take ? "takes" : "releases") control"
        + (other.map { ", which \($0) had" } ?? ""))
  }

  /// Returns why a request is refused because somebody else has control of the run; `nil` if it is not.
  private func refusal(byControl request: ChangeRequest) -> String? {
    guard !request.isOwn, let holder = journal.controller(at: Clock.wall()),
      holder.person != JournalEntry.person(request.client)
    else { return nil }
    switch request.change {
    case .note: return nil
    case .control(let control) where control.isForced: return nil
    default:
      let minutes = max(1, Int((holder.until - Clock.wall()) / 60))
      return "\(holder.person) has control for another \(Format.count(minutes, "minute")); "
        + "dino control \(status.name) take --force takes it"
    }
  }

  /// Makes changes that decide what the run computes or that are nothing but their record: writes them
  /// to the journal, on the disk, then applies them, then answers. If they cannot be written none is
  /// applied, the answer says why, and this returns false.
  func commit(_ entries: [JournalEntry], note: String? = nil, apply: () -> Void = {}) -> Bool {
    let group = entries.count > 1 ? Journal.group(of: entries[0].id) : nil
    let request = group ?? entries[0].id
    do {
      try recorder.commit(entries)
    } catch {
      recorder.observer?.rejected(
        request, reason: "it could not be written to the journal, so nothing changed: \(error)")
      return false
    }
    for entry in entries { journal.append(entry) }
    apply()
    answerApplied(request, step: entries.map(\.step).min()!, note: note)
    return true
  }

  /// Answers that a request about the process was carried out, and adds it to the journal. Such a
  /// request changes nothing that is computed, and someone whose disk is full must be able to stop
  /// the run. So it is carried out even if the journal cannot be written; the answer says so.
  private func answerDone(_ request: ChangeRequest) {
    let entry = entry(request)
    var problem: String?
    do {
      try recorder.commit(entry)
      journal.append(entry)
    } catch {
      problem = "done, but it is not in the journal: \(error)"
    }
    answerApplied(entry, note: problem)
  }

  /// Returns an entry for a request that affects the next step.
  private func entry(_ request: ChangeRequest) -> JournalEntry {
    JournalEntry(
      id: request.id, time: Clock.wall(), step: step + 1, client: request.client,
      change: request.change)
  }

  /// Answers that a change was made, with the change that reverses it.
  func answerApplied(_ entry: JournalEntry, note: String? = nil) {
    answerApplied(entry.id, step: entry.step, note: note)
  }

  private func answerApplied(_ id: String, step first: Int, note: String?) {
    recorder.observer?.applied(
      id, step: max(first, step + 1), undo: journal.inverse(of: id), note: note)
  }
}
