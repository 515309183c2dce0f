import Crops
import Engine
import Model
import Objective
import Recipe
import Run
import Store
import Support

extension Trainer {
  /// Whether an earlier daemon finished the run, so that there is nothing to do.
  package var isFinished: Bool { wasFinished && step >= plan.totalSteps }

  /// Trains until the last step or until a request to stop, and returns how the run ended. Throws
  /// if training cannot continue; the state is `failed` then.
  package func run() throws -> RunState {
    do {
      if isFinished {
        recorder.close()
        return .finished
      }
      try begin()
      while step < plan.totalSteps {
        try processRequests()
        if let mismatch { throw mismatch }
        if isStopping || endsEarly || step >= last ?? .max { break }
        guard isFolderInPlace() else { continue }
        guard try crossPhaseBoundary() else { continue }
        guard try trainStep() else { continue }
        let reported = try probeIfDue()
        if checkpointIfDue() || reported { pace.restart(Clock.monotonic()) }
      }
      return try end()
    } catch {
      runtime?.loader.stop()
      saveBeforeFailing()
      note("failed", "\(error)", .error)
      enter(.failed, message: "\(error)")
      recorder.close()
      throw error
    }
  }

  private func begin() throws {
    runtime.start(after: step)
    tracing?.begin(after: step)
    pace.restart(Clock.monotonic())
    let verb = step == 0 ? "starts" : "resumes after step \(step)"
    enter(.running)
    recorder.record(plan.curves())
    for finding in findings { note(finding.kind, finding.text, finding.level) }
    note(
      "start",
      "\(status.name) \(verb): \(status.arch), \(status.parameters) parameters, "
        + "\(Format.count(status.images, "image")), batch \(status.imagesPerStep), "
        + "\(engine.kernels.device.activationElement.rawValue), arena "
        + "\(engine.arenaBytes >> 20) MiB")
    _ = commitPhaseStart(runtime.phase)
    try measureBaselines()
  }

  private func end() throws -> RunState {
    loader.stop()
    let state: RunState = step >= plan.totalSteps ? .finished : .stopped
    while lastCheckpoint != step && !checkpoint() {
      if let mismatch { throw mismatch }
      // The state stays in memory as long as someone can make room for it.
      if isStopping { throw TrainerError.notSaved(step: step, last: lastCheckpoint) }
      pauseItself("the last checkpoint could not be written; free disk space, then resume or stop")
      try processRequests()
    }
    // No step comes after the last one, so its own numbers have to do.
    if state == .finished, unsoundSteps == 0, troubled != step { markSound(step) }
    note(state == .finished ? "finished" : "stopped", "\(status.name) ends after step \(step)")
    enter(state)
    recorder.close()
    return state
  }

  /// Computes one step, from crops to metrics. Returns false if images could not be read: nothing
  /// has changed then, and the run waits for them.
  private func trainStep() throws -> Bool {
    do {
      try computeStep()
      return true
    } catch let outage as DataOutage {
      let loader = loader
      loader.stop()
      waitForData(outage.reason) { [team] in
        // The others wait for the same images, or for this process.
        team.areDataThere(loader.isOver(outage))
      }
      return false
    } catch let problem as ProcessProblem where problem.isOutage {
      waitForData(problem.description) { [team] in team.areDataThere(true) }
      return false
    } catch let found as StateMismatch where accept(found) {
      // The step is computed again from what all have now.
      loader.stop()
      isLoaderStopped = true
      return false
    }
  }

  private func computeStep() throws {
    if isLoaderStopped {
      runtime.start(after: step)
      isLoaderStopped = false
    }
    let number = step + 1
    let values = plan.values(at: number)
    let order = StepOrder(
      firstBatch: runtime.phase.batches(after: step) + 1, batches: recipe.train.accumulationSteps,
      withDiagnostics: number % 10 == 1, isTraced: tracing?.isDue(number) ?? false,
      values: Dictionary(uniqueKeysWithValues: values.map { ($0.rawValue, $1) }),
      normLimits: norms.limits(factor: recipe.optim.skipStepFactor))
    team.send(.step(order))
    let inputs = StepInputs(
      team: team, loader: loader, recipe: recipe, shape: engine.shape, problems: problems,
      shown: isProbed(after: number) ? pictureCrops : nil)
    let outcome = try inputs.compute(
      order, on: engine, values, &clock, heard: hear, traced: keepTrace)
    step = number
    pace.count(Clock.monotonic())
    let sample = record(outcome, values, clock.last!)
    let isSound = outcome.students.allSatisfy { $0.skip != .notFinite }
    norms.add(outcome.students.map(\.gradientNorms), wasSkipped: isSound && !outcome.updated)
    unsoundSteps = isSound ? 0 : unsoundSteps + 1
    if !outcome.updated { skipped(outcome) }
    watch(sample)
  }

  /// Writes what the processes have recorded of a step.
  private func keepTrace(_ spans: [[StepTrace.Span]]) {
    guard let path = tracing?.path else { return }
    tracing = nil
    do {
      try StepTraceFile(spans, team.processes).write(to: path)
      note("trace", "step \(step + 1) is recorded in \(path)")
    } catch {
      note("trace", "\(error)", .warning)
    }
  }

  /// Takes in what the processes report before a micro-batch.
  private func hear(_ reports: [InputReport]) {
    for (number, report) in reports.enumerated() {
      let whose = team.isAlone ? "" : "process \(number): "
      for problem in report.problems { note("image", whose + problem, .warning) }
    }
    guard !team.isAlone else { return }
    status.processes = zip(team.processes, reports).map { facts, report in
      var process = ProcessStatus(number: facts.number, host: facts.host, pid: facts.pid)
      guard let step = report.step else {
        return status.processes?.first { $0.number == facts.number } ?? process
      }
      process.timeCompute = step.compute
      process.timeData = step.data
      process.timeNetwork = step.network
      process.bytesSent = step.bytesSent
      process.memoryResident = step.memoryResident
      return process
    }
  }

  /// Handles a step that changed nothing because of its numbers. A few steps that are not finite can be bad
  /// luck. Many in a row, with different images, mean that an earlier update spoilt the parameters, and no
  /// learning rate repairs those.
  private func skipped(_ outcome: StepOutcome) {
    for (student, found) in zip(engine.shape.students, outcome.students) {
      let whose = engine.shape.students.count > 1 ? " of \(student.name)" : ""
      switch found.skip {
      case nil: break
      case .notFinite:
        note(
          "numbers",
          "\(found.total.isFinite ? "a gradient" : "the loss")\(whose) is not finite; "
            + "the step was skipped",
          .warning)
      case .spike(let module, let limit):
        note(
          "spike",
          "the gradient norm of \(engine.modules[module])\(whose) is "
            + "\(Format.number(found.gradientNorms[module])), above \(Format.number(limit)); the step "
            + "was skipped",
          .warning)
      }
    }
    guard unsoundSteps > 0 else { return }
    guard unsoundSteps % 5 == 0 else { return }
    let sound = step - unsoundSteps
    note(
      "numbers",
      "not finite for \(Format.count(unsoundSteps, "step")): the update of step \(sound) ruined the parameters",
      .error)
    pauseItself("losses are not finite; stop, then \(recoveryHint(before: sound))")
  }

  /// Returns how to continue from before an update.
  func recoveryHint(before update: Int) -> String {
    let earlier = (try? checkpoints.list())?.last { $0.step < update && $0.isSound }
    guard let earlier else { return "start again with a lower optim.base_lr or optim.clip_grad" }
    return "dino branch \(status.name) --at \(earlier.step) --name NEW --set optim.base_lr=LESS"
  }
}
