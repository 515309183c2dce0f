import Run
import Schedule
import Support

/// Changes of schedules.
extension Trainer {
  /// Changes schedules: all of them, or none.
  func set(_ sets: [SetSchedule], _ request: ChangeRequest) {
    let planned: [PlannedSet]
    switch self.planned(sets) {
    case .failure(let refusal):
      recorder.observer?.rejected(request.id, reason: refusal.description)
      return
    case .success(let found): planned = found
    }
    let ids =
      sets.count == 1 ? [request.id] : Journal.members(of: request.id, count: sets.count)
    let now = Clock.wall()
    let entries = zip(ids, zip(sets, planned)).map { id, pair in
      var (set, planned) = pair
      // The journal says from which step, whatever the present one was.
      set.start = planned.first == step + 1 ? nil : .at(planned.first)
      return JournalEntry(
        id: id, time: now, step: planned.first, client: request.client, change: .set(set),
        effect: .from(planned.change.old))
    }
    let warnings = planned.compactMap { warning(of: $0) }
    let applied = commit(
      entries, note: warnings.isEmpty ? nil : warnings.joined(separator: "; ")
    ) {
      plan = planned.last!.plan
      // Recorded before the answer, so that a client that asks for the plan upon the answer sees
      // the change.
      recorder.record(sets.map { plan.curve($0.metric) })
    }
    guard applied else { return }
    for (set, planned) in zip(sets, planned) {
      let change = planned.change
      let shape = change.shape == .cosine ? " along a cosine" : ""
      let ramp = change.over > 1 ? " over \(Format.count(change.over, "step"))\(shape)" : ""
      note(
        "set",
        "from step \(Format.count(planned.first)) on, \(set.metric.rawValue) goes from "
          + "\(Format.number(change.old)) to \(set.target)\(ramp)")
    }
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

  /// Returns the plan with changes of schedules after a step, by default the present one, or why they
  /// cannot be made. Each result's plan has the changes up to it.
  func planned(
    _ sets: [SetSchedule], after step: Int? = nil
  ) -> Result<[PlannedSet], ChangeRefusal> {
    let step = step ?? self.step
    var changed = plan
    var found: [PlannedSet] = []
    for set in sets {
      let first = set.start.map { $0.step(after: step) } ?? step + 1
      guard first > step else {
        return .failure(ChangeRefusal("step \(first) is over; the next one is \(step + 1)"))
      }
      guard first <= plan.totalSteps else {
        return .failure(
          ChangeRefusal("step \(first) will not come: the run ends with \(plan.totalSteps)"))
      }
      let change = changed.adjust(set, from: first)
      found.append(PlannedSet(first: first, plan: changed, change: change))
    }
    // Ratios of masks may cross where one of them begins or ends to move, or bends.
    let bends = found.flatMap { planned in
      // A change ends with its phase.
      let last = changed.phases.phase(at: planned.first).last
      return planned.change.corners.filter { $0 >= planned.first }.map { min($0, last) }
    }
    for (set, planned) in zip(sets, found) {
      if let reason = refusal(of: set, at: planned.first, beside: changed, bends) {
        return .failure(ChangeRefusal(reason))
      }
      if !set.isForced, let doubt = plan.doubt(about: set, at: planned.first) {
        return .failure(ChangeRefusal("\(doubt); if you mean it, add --force"))
      }
    }
    return .success(found)
  }

  /// Returns why a schedule cannot be changed this way from a step on, given the run's other settings;
  /// `nil` if it can.
  ///
  /// - Parameters:
  ///   - changed: the plan with this change and those that are made together with it.
  ///   - bends: the steps at which one of them begins or ends.
  private func refusal(
    of set: SetSchedule, at next: Int, beside changed: SchedulePlan, _ bends: [Int]
  ) -> String? {
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
    let crosses = bends.contains {
      changed.value(.maskRatioMax, at: $0) < changed.value(.maskRatioMin, at: $0)
    }
    switch set.metric {
    case .maskRatioMax where value > recipe.ibot.maskRatioMax:
      return "mask_ratio_max can only be lowered: memory is planned for the recipe's "
        + "\(recipe.ibot.maskRatioMax); start the run with a higher ibot.mask_ratio_min_max"
    case .maskRatioMax where crosses:
      return "mask_ratio_max would be below mask_ratio_min; lower that first, or both together"
    case .maskRatioMin where crosses:
      return "mask_ratio_min would be above mask_ratio_max; raise that first, or both together"
    default:
      return nil
    }
  }
}
