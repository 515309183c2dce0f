import Engine
import Recipe
import Run
import Schedule
import Support

extension Trainer {
  /// Answers a request with what a change would cost and do. For a phase the run waits meanwhile: a
  /// trial takes as long as two steps of it.
  func preview(_ request: ChangeRequest) {
    do throws(PhaseRefusal) {
      let preview: Preview =
        switch request.change {
        case .phase(let wanted): .phase(try preview(wanted))
        case .back: .phase(try previewOfGoingBack())
        case .set(let set): .change(preview([set]))
        case .together(let sets): .change(preview(sets))
        case .rewind(let rewind): .change(preview(rewind, by: request.client))
        case .checkpoint, .stop: .change(ChangePreview(first: step + 1, bytes: checkpointBytes))
        case .pause, .resume, .control, .note: .change(ChangePreview(first: step + 1))
        }
      recorder.observer?.previewed(request.id, preview)
    } catch {
      recorder.observer?.rejected(request.id, reason: error.reason)
    }
    pace.restart(Clock.monotonic())
  }

  private func preview(_ sets: [SetSchedule]) -> ChangePreview {
    let before = sets.map { plan.curve($0.metric) }
    switch planned(sets) {
    case .failure(let refusal):
      return ChangePreview(first: step + 1, refusal: refusal.description, before: before)
    case .success(let planned):
      let changed = planned.last!.plan
      return ChangePreview(
        first: planned.map(\.first).min()!, before: before,
        after: sets.map { changed.curve($0.metric) })
    }
  }

  private func preview(_ wanted: Rewind, by client: String) -> ChangePreview {
    do throws(PhaseRefusal) {
      let planned = try self.planned(wanted, by: client)
      let before = wanted.set.map { [plan.curve($0.metric)] } ?? []
      return ChangePreview(
        first: planned.checkpoint.step + 1, dropped: step - planned.checkpoint.step, before: before,
        after: planned.set.map { [$0.plan.curve($0.change.metric)] } ?? [])
    } catch {
      return ChangePreview(first: step + 1, refusal: error.reason)
    }
  }

  /// The size of the newest checkpoint; `nil` if there is none.
  var checkpointBytes: Int? { (try? checkpoints.list())?.last?.bytes }

  private func preview(_ request: PhaseRequest) throws(PhaseRefusal) -> PhasePreview {
    let (changed, _) = try planned(request)
    let phase = changed.phases.phase(at: step + 1)
    let memory = memory(of: phase, freed: recipe)
    var preview = PhasePreview(
      phase: PhaseStatus(phase, of: changed.phases, step: step), first: phase.first,
      steps: changed.totalSteps, imagesPerStep: phase.recipe.imagesPerStep,
      memoryNeeded: memory.needed, memoryAvailable: memory.available,
      refusal: obstacle(to: phase.recipe), plan: changed.curves())
    let left = runtime.phase.last - step
    preview.givenUp = left > 0 ? left : nil
    func cost(_ recipe: Recipe) -> Double {
      StepCost(recipe, frozenTeacher: frozenTeacher?.network).operations
    }
    let measured = preview.refusal == nil ? trial(phase, changed) : nil
    let scaled = pace.stepMean.map { $0 * cost(phase.recipe) / cost(recipe) }
    preview.stepSeconds = measured ?? scaled
    preview.isMeasured = measured != nil
    preview.phaseSeconds = preview.stepSeconds.map { $0 * Double(phase.steps) }
    preview.timeLeft = preview.stepSeconds.map {
      $0
        * changed.phases.stepsLeft(
          after: step, inStepsOf: phase, frozenTeacher: frozenTeacher?.network)
    }
    return preview
  }

  private func previewOfGoingBack() throws(PhaseRefusal) -> PhasePreview {
    let present = runtime.phase
    let back = JournalEntry(
      id: "", time: 0, step: present.first, client: "", change: .back,
      effect: .undoes(try beginning(of: present).id))
    var changed = journal
    changed.append(back)
    let before: SchedulePlan
    do {
      before = try SchedulePlan(wholeRecipe, journal: changed)
    } catch {
      throw PhaseRefusal("\(error)")
    }
    let step = present.first - 1
    let phase = before.phases.phase(at: max(step, 1))
    let memory = memory(of: phase, freed: recipe)
    return PhasePreview(
      phase: PhaseStatus(phase, of: before.phases, step: step), first: phase.first,
      steps: before.totalSteps, imagesPerStep: phase.recipe.imagesPerStep,
      dropped: self.step - step, memoryNeeded: memory.needed, memoryAvailable: memory.available,
      plan: before.curves())
  }

  private func memory(of phase: Phase, freed: Recipe?) -> PhaseMemory {
    PhaseMemory(
      phase.recipe, freed: freed, frozenTeacher: frozenTeacher?.network, place: team.place,
      kernels: makeKernels())
  }

  /// Returns the seconds that a step of a phase computes, measured on a second engine; `nil` if
  /// the memory does not allow both. Loading is not included, as it happens on the loader's
  /// threads.
  private func trial(_ phase: Phase, _ plan: SchedulePlan) -> Double? {
    guard memory(of: phase, freed: nil).fits,
      let trial = try? TrialStep(
        phase, plan, frozenTeacher: frozenTeacher?.network, processes: team.place.count,
        kernels: makeKernels())
    else { return nil }
    // The first step also touches its memory for the first time. In a long step that hardly
    // matters.
    let first = trial.seconds()
    return first > 10 ? first : trial.seconds()
  }
}
