import FoundationEssentials
import History
import Recipe
import Run
import Schedule
import Store
import Support

extension Trainer {
  /// The steps to which the run can go back: the last step before each phase that has begun.
  var phaseBoundaries: Set<Int> {
    Set(journal.inForce.filter(\.beginsPhase).map { $0.step - 1 })
  }

  /// Enters the phase of the next step, unless it is the present one. If that is impossible,
  /// pauses the run with the present phase still in memory, and returns false.
  func crossPhaseBoundary() throws -> Bool {
    let due = plan.phases.phase(at: step + 1)
    guard due.first != runtime.phase.first else { return true }
    if let obstacle = obstacle(to: due.recipe) {
      pauseItself("phase \(due.name) cannot begin: \(obstacle)")
      return false
    }
    guard saveBoundary() else {
      pauseItself(
        "phase \(due.name) needs a checkpoint, which could not be written; free disk space")
      return false
    }
    guard commitPhaseStart(due) else {
      pauseItself(
        "phase \(due.name) needs its entry in the journal, which could not be written; see the log")
      return false
    }
    try enter(due)
    return true
  }

  /// Carries out a request that begins a phase or goes back, and answers a refusal.
  func change(_ request: ChangeRequest, _ body: () throws(PhaseRefusal) -> Void) throws {
    do throws(PhaseRefusal) {
      try body()
    } catch {
      if runtime == nil { throw TrainerError.phase(error.reason) }
      recorder.observer?.rejected(request.id, reason: error.reason)
    }
  }

  /// Returns the plan that a request leads to, and the definitions of its phases.
  func planned(
    _ request: PhaseRequest
  ) throws(PhaseRefusal) -> (plan: SchedulePlan, definitions: [PhaseDefinition]) {
    let definitions = try request.definitions(
      wholeRecipe, plan.phases, present: runtime.phase)
    return (try planned(definitions), definitions)
  }

  private func planned(_ definitions: [PhaseDefinition]) throws(PhaseRefusal) -> SchedulePlan {
    var changed = plan
    do {
      try changed.enter(definitions, at: step + 1)
    } catch {
      throw PhaseRefusal([error.key, error.message].compactMap(\.self).joined(separator: ": "))
    }
    return changed
  }

  /// Returns why a phase's recipe does not fit the teacher's patches or the machine's memory; `nil` if it fits.
  func obstacle(to recipe: Recipe) -> String? {
    if let problem = frozenTeacher?.cropProblem(recipe) {
      return "the teacher has \(problem.what); set \(problem.remedy)"
    }
    return PhaseMemory.refusal(
      recipe, freed: self.recipe, frozenTeacher: frozenTeacher?.network, place: team.place,
      kernels: makeKernels())
  }

  /// Throws if the phase that a run resumes in no longer fits in the machine's memory.
  func checkMemory(for phase: Phase) throws(MemoryShortage) {
    let kernels = makeKernels()
    let needs = PhaseMemory(
      phase.recipe, freed: nil, frozenTeacher: frozenTeacher?.network, place: team.place,
      kernels: kernels)
    guard !needs.fits, let machine = kernels.device.availableMemory else { return }
    throw MemoryShortage(
      needed: needs.needed, phase: phase.name, machine: machine, remedy: nil, isBegun: true)
  }

  func begin(_ wanted: PhaseRequest, _ request: ChangeRequest) throws(PhaseRefusal) {
    try begin(try planned(wanted), request)
  }

  /// Begins phases that are not the recipe's with the next step.
  func begin(
    _ definitions: [PhaseDefinition], _ request: ChangeRequest
  ) throws(PhaseRefusal) {
    try begin((try planned(definitions), definitions), request)
  }

  /// Begins a phase that was planned. The entry of the journal has the request, and the definitions.
  private func begin(
    _ planned: (plan: SchedulePlan, definitions: [PhaseDefinition]), _ request: ChangeRequest
  ) throws(PhaseRefusal) {
    let (changed, definitions) = planned
    let phase = changed.phases.phase(at: step + 1)
    if let obstacle = obstacle(to: phase.recipe) { throw PhaseRefusal(obstacle) }
    guard saveBoundary() else {
      throw PhaseRefusal("the checkpoint before it could not be written; see the log")
    }
    let entry = JournalEntry(
      id: request.id, time: Clock.wall(), step: step + 1, client: request.client,
      change: request.change, effect: .phases(PhaseDefinition.text(of: definitions)))
    // On the disk before anything changes: from here on, a resumed run begins the phase, too.
    do {
      try recorder.commit(entry)
    } catch {
      throw PhaseRefusal("it could not be written to the journal, so nothing changed: \(error)")
    }
    journal.append(entry)
    plan = changed
    do {
      try enter(phase)
    } catch {
      try undo(entry, because: "\(error)")
    }
    // The run may have paused itself because it needed this change. A pause by a client stays.
    if pausedItself { continueRun() }
    answerApplied(entry)
  }

  /// Returns to the state before a phase that could not be built.
  private func undo(
    _ entry: JournalEntry, because reason: String
  ) throws(PhaseRefusal) {
    do {
      let before = try checkpoints.checkpoint(step: entry.step - 1)
      try commitBack(to: before, undoing: entry, id: UUID().uuidString, client: entry.client)
      try rewind(to: before)
    } catch {
      throw PhaseRefusal("\(reason); and the previous phase could not be restored: \(error)")
    }
    throw PhaseRefusal(reason)
  }

  /// Makes sure that there is a checkpoint of the present step, at which a phase begins. Returns
  /// false if it cannot be written.
  private func saveBoundary() -> Bool {
    if let saved = try? checkpoints.checkpoint(step: step), (try? saved.verify()) != nil,
      lastCheckpoint == step
    {
      return true
    }
    return checkpoint()
  }

  /// Builds the runtime of a phase from the checkpoint of the present step.
  private func enter(_ phase: Phase) throws {
    let notes = try restore(checkpoints.checkpoint(step: step), for: phase)
    settle(notes)
    recorder.record(status.phase)
    let crops = phase.recipe.crops
    note(
      "phase",
      "\(phase.name) begins: \(Format.count(phase.steps, "step")), crops of \(crops.globalCropsSize) and "
        + "\(crops.localCropsSize) px, batch \(status.imagesPerStep), arena "
        + "\(engine.arenaBytes >> 20) MiB")
  }

  /// Continues a run after `restore`.
  func settle(_ notes: [Finding]) {
    runtime.start(after: step)
    pace.restart(Clock.monotonic())
    recorder.record(plan.curves())
    recorder.record(status)
    for finding in notes { note(finding.kind, finding.text, finding.level) }
  }

  /// Adds the beginning of a planned phase to the journal, unless it has it. Returns false if that
  /// cannot be written.
  func commitPhaseStart(_ phase: Phase) -> Bool {
    guard phase.index > 0,
      !journal.inForce.contains(where: { $0.beginsPhase && $0.step == phase.first })
    else { return true }
    let rest = [phase.definition] + plan.phases.following(phase)
    let entry = JournalEntry(
      id: UUID().uuidString, time: Clock.wall(), step: phase.first,
      client: JournalEntry.reservedClient, change: .phase(PhaseRequest(to: phase.name)),
      effect: .phases(PhaseDefinition.text(of: rest)))
    do {
      try recorder.commit(entry)
    } catch {
      note("history", "\(error)", .error)
      return false
    }
    journal.append(entry)
    return true
  }
}

extension Trainer {
  /// Returns to the checkpoint before the present phase.
  func goBack(_ request: ChangeRequest) throws(PhaseRefusal) {
    let phase = runtime.phase
    let entry = try beginning(of: phase)
    let before: Checkpoint
    do {
      before = try checkpoints.checkpoint(step: phase.first - 1)
      try before.verify()
    } catch {
      throw PhaseRefusal("\(error)")
    }
    let dropped = step - before.step
    do {
      try commitBack(to: before, undoing: entry, id: request.id, client: request.client)
    } catch {
      throw PhaseRefusal("it could not be written to the journal, so nothing changed: \(error)")
    }
    do {
      try rewind(to: before)
    } catch {
      // The journal says that the run went back. Only a restart can make that true.
      runtime = nil
      throw PhaseRefusal("\(error)")
    }
    note(
      "phase",
      "back to step \(step), before \(phase.name), dropping \(Format.count(dropped, "step"))",
      .warning)
    // Otherwise a phase that the recipe plans here would begin again at once.
    if plan.phases.phase(at: step + 1).first != runtime.phase.first {
      pauseItself(
        "went back before phase \(phase.name); resume starts it again, dino phase another")
    }
    recorder.observer?.applied(request.id, step: step + 1, undo: nil, note: nil)
  }

  /// Returns the journal entry with which a phase began.
  func beginning(of phase: Phase) throws(PhaseRefusal) -> JournalEntry {
    guard let entry = journal.inForce.last(where: { $0.beginsPhase && $0.step == phase.first })
    else { throw PhaseRefusal("\(phase.name) is the run's first phase; none is before it") }
    return entry
  }

  /// Undoes a phase in the journal, on the disk. From here on a restart goes back, too.
  private func commitBack(
    to checkpoint: Checkpoint, undoing entry: JournalEntry, id: String, client: String
  ) throws(HistoryError) {
    let back = JournalEntry(
      id: id, time: Clock.wall(), step: checkpoint.step + 1, client: client, change: .back,
      effect: .undoes(entry.id))
    try recorder.commit(back)
    journal.append(back)
  }
}
