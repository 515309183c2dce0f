import Recipe
import Run
import Schedule
import Testing

@Suite("The journal of a replay")
struct ReplayedJournalTests {
  private let recipe = try! Recipe.parse(
    yaml: """
      train: {OFFICIAL_EPOCH_LENGTH: 1000}
      optim: {epochs: 1, warmup_epochs: 0}
      """, name: "r.yaml")

  /// Makes changes as a run makes them: each begins at the value that the schedule has then.
  private func journal(_ changes: [(id: String, step: Int, Change)]) throws -> Journal {
    var journal = Journal()
    var plan = SchedulePlan(recipe)
    for (id, step, change) in changes {
      var effect: ChangeEffect?
      switch change {
      case .set(let set): effect = .from(plan.adjust(set, from: step).old)
      case .rewind(let rewind): effect = rewind.set.map { .from(plan.adjust($0, from: step).old) }
      case .phase:
        let text = "[{name: high, steps: 400, crops.global_crops_size: 48}]"
        effect = .phases(text)
        try plan.enter(PhaseDefinition.list(text), at: step)
      case .back: effect = .undoes("phase")
      default: break
      }
      journal.append(
        JournalEntry(id: id, time: 1, step: step, client: "anna", change: change, effect: effect))
    }
    return journal
  }

  @Test("nothing left out, the same schedules follow at every step")
  func whole() throws {
    let journal = try journal([
      ("a", 100, .set(SetSchedule(.lr, to: 1e-3, over: 50))),
      ("b", 120, .pause), ("c", 120, .note(Note("x"))),
      ("d", 120, .set(SetSchedule(.lr, to: nil, over: 100))),
      ("r", 90, .rewind(Rewind(to: 89, set: SetSchedule(.lr, to: nil, factor: 0.5)))),
      ("e", 300, .set(SetSchedule(.weightDecay, to: 0.1))),
      ("phase", 500, .phase(PhaseRequest(name: "high", globalCropsSize: 48, steps: 400))),
      ("f", 550, .set(SetSchedule(.lr, to: 1e-4, over: 20))),
    ])
    let replayed = try journal.replayed(recipe)
    // Of the rewind, the replay needs the schedule alone.
    var kept = journal.entries.filter { $0.id != "b" }
    let back = try #require(kept.firstIndex { $0.id == "r" })
    kept[back].change = .set(SetSchedule(.lr, to: nil, factor: 0.5))
    #expect(replayed.entries == kept)
    let (plan, again) = (
      try SchedulePlan(recipe, journal: journal), try SchedulePlan(recipe, journal: replayed)
    )
    for step in 1...900 { #expect(plan.values(at: step) == again.values(at: step)) }
  }

  @Test("a change that is left out is not felt, and those after it begin elsewhere")
  func without() throws {
    let journal = try journal([
      ("a", 100, .set(SetSchedule(.lr, to: 1e-3))),
      ("b", 200, .set(SetSchedule(.lr, to: 2e-3, over: 100))),
    ])
    let plan = try SchedulePlan(recipe, journal: try journal.replayed(recipe, without: ["a"]))
    let recipeAlone = SchedulePlan(recipe)
    for step in 1...199 { #expect(plan.value(.lr, at: step) == recipeAlone.value(.lr, at: step)) }
    // The ramp begins at the recipe's value and not at the one that was left out.
    let start = recipeAlone.value(.lr, at: 199)
    #expect(abs(plan.value(.lr, at: 249) - (start + (2e-3 - start) / 2)) < 1e-12)
    #expect(plan.value(.lr, at: 300) == 2e-3)
  }

  @Test("what was undone is not made again")
  func undone() throws {
    let journal = try journal([
      ("a", 100, .set(SetSchedule(.lr, to: 1e-3))),
      ("phase", 200, .phase(PhaseRequest(name: "high", globalCropsSize: 48, steps: 400))),
      ("b", 250, .set(SetSchedule(.lr, to: 1e-4))), ("back", 200, .back),
      ("c", 220, .set(SetSchedule(.lr, to: 2e-3))),
    ])
    #expect(try journal.replayed(recipe).entries.map(\.id) == ["a", "c"])
    #expect(journal.replayable(beginningWith: "") == ["a", "c"])
    #expect(journal.replayable(beginningWith: "c") == ["c"])
    #expect(journal.replayable(beginningWith: "b") == [])
  }
}

@Suite("Values that would ruin a run")
struct DoubtTests {
  private let plan = SchedulePlan(
    try! Recipe.parse(
      yaml: """
        train: {OFFICIAL_EPOCH_LENGTH: 1000}
        optim: {epochs: 1, warmup_epochs: 0, base_lr: 1.0e-3, scaling_rule: none}
        """, name: "r.yaml"))

  @Test(
    "a slip is doubted, an experiment is not",
    arguments: [
      (Metric.lr, 1e-1, true), (.lr, 5e-3, false), (.lr, 0, false),
      (.weightDecay, 1, false), (.momentumTeacher, 0.5, true), (.momentumTeacher, 0.95, false),
      (.teacherTemp, 0.1, true), (.teacherTemp, 0.09, false), (.koleoLossWeight, 5, true),
      (.koleoLossWeight, 0.5, false), (.clipGrad, 1000, false),
    ])
  func values(_ metric: Metric, _ value: Double, _ isDoubted: Bool) {
    let doubt = plan.doubt(about: SetSchedule(metric, to: value), at: 500)
    #expect((doubt != nil) == isDoubted, "\(metric) \(value): \(doubt ?? "no doubt")")
    if let doubt { #expect(doubt.contains(metric.rawValue)) }
  }

  @Test("the recipe's own schedule is never doubted")
  func recipe() {
    for metric in Metric.adjustable {
      #expect(plan.doubt(about: SetSchedule(metric, to: nil), at: 500) == nil)
      for step in stride(from: 1, through: 1000, by: 50) {
        let own = SetSchedule(metric, to: plan.value(metric, at: step))
        #expect(plan.doubt(about: own, at: step) == nil, "\(metric) at \(step)")
      }
    }
  }
}
