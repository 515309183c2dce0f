import Recipe
import Run
import Schedule
import Testing

@Suite("Schedules are pure functions of the step")
struct ScheduleTests {
  private var recipe: Recipe {
    var recipe = Recipe()
    recipe.train.officialEpochLength = 10
    recipe.train.batchSizePerGPU = 1024
    recipe.optim.epochs = 10
    recipe.optim.warmupEpochs = 2
    recipe.optim.baseLr = 1e-3
    recipe.optim.minLr = 1e-6
    recipe.optim.freezeLastLayerEpochs = 1
    recipe.teacher.warmupTeacherTempEpochs = 3
    return recipe
  }

  @Test("the rate rises linearly, then falls along a half cosine, as the official code's does")
  func cosine() {
    let schedule = Schedule.cosine(base: 1, final: 0.2, total: 10, warmup: 3)
    // numpy: linspace(0, 1, 3), then 0.2 + 0.4 (1 + cos(pi i / 7))
    let expected = [0, 0.5, 1, 1, 0.960388, 0.849396, 0.689008, 0.510992, 0.350604, 0.239612]
    for (step, value) in expected.enumerated() {
      #expect(abs(schedule.value(at: step) - value) < 1e-6, "\(step)")
    }
    #expect(schedule.value(at: 10) == 0.2 && schedule.value(at: 1000) == 0.2)
  }

  @Test("a recipe's schedules begin and end where it says")
  func plan() {
    let plan = SchedulePlan(recipe)
    #expect(plan.totalSteps == 100)
    #expect(plan.value(.lr, at: 1) == 0)
    #expect(abs(plan.value(.lr, at: 20) - 1e-3) < 1e-12)
    #expect(plan.value(.lr, at: 100) < 2e-6)
    #expect(plan.value(.lastLayerLr, at: 10) == 0)
    #expect(plan.value(.lastLayerLr, at: 11) == plan.value(.lr, at: 11))
    #expect(plan.value(.teacherTemp, at: 1) == 0.04)
    #expect(plan.value(.teacherTemp, at: 30) == 0.07 && plan.value(.teacherTemp, at: 99) == 0.07)
    #expect(abs(plan.value(.weightDecay, at: 1) - 0.04) < 1e-12)
    #expect(plan.value(.momentumTeacher, at: 1) == 0.992)
    #expect(plan.value(.momentumTeacher, at: 100) > 0.99999)
  }

  @Test("a live change ramps from the present value and holds; 'recipe' leads back")
  func adjustment() {
    var plan = SchedulePlan(recipe)
    let before = plan.value(.lr, at: 49)
    plan.adjust(SetSchedule(.lr, to: 5e-3, over: 10), from: 50)
    #expect(plan.value(.lr, at: 49) == before)
    #expect(abs(plan.value(.lr, at: 54) - (before + (5e-3 - before) * 0.5)) < 1e-12)
    #expect(plan.value(.lr, at: 59) == 5e-3 && plan.value(.lr, at: 80) == 5e-3)
    #expect(plan.value(.lastLayerLr, at: 80) == 5e-3)
    #expect(plan.value(.weightDecay, at: 80) == SchedulePlan(recipe).value(.weightDecay, at: 80))
    plan.adjust(SetSchedule(.lr, to: nil, over: 4), from: 81)
    let course = SchedulePlan(recipe)
    #expect(plan.value(.lr, at: 80) == 5e-3)
    for step in [84, 95] {
      #expect(abs(plan.value(.lr, at: step) - course.value(.lr, at: step)) < 1e-15)
    }
  }

  @Test("a ramp along a cosine is half way in its middle, slow at its ends, and drawn bent")
  func bentRamp() throws {
    var plan = SchedulePlan(recipe)
    plan.adjust(SetSchedule(.weightDecay, to: 0.9, over: 40, shape: .cosine), from: 51)
    let before = SchedulePlan(recipe).value(.weightDecay, at: 50)
    func part(_ step: Int) -> Double {
      (plan.value(.weightDecay, at: step) - before) / (0.9 - before)
    }
    #expect(abs(part(70) - 0.5) < 1e-12 && plan.value(.weightDecay, at: 90) == 0.9)
    // (1 − cos(π/4)) / 2, where a straight line would have a quarter.
    #expect(abs(part(60) - 0.146_446_609) < 1e-9 && abs(part(80) - 0.853_553_391) < 1e-9)
    let curve = try #require(plan.curves(points: 20).first { $0.metric == .weightDecay })
    #expect(curve.steps.filter { (51...90).contains($0) }.count > 20)
  }

  @Test("a plan of a journal gives the values that the run used, what was undone left out")
  func replay() throws {
    var lived = SchedulePlan(recipe)
    var journal = Journal()
    func set(_ set: SetSchedule, from step: Int, _ plan: inout SchedulePlan) {
      let change = plan.adjust(set, from: step)
      journal.append(
        JournalEntry(
          id: "\(step)", time: 0, step: step, client: "", change: .set(set),
          effect: .from(change.old)))
    }
    set(SetSchedule(.lr, to: 2e-3, over: 7), from: 30, &lived)
    set(SetSchedule(.lr, to: 1e-4, over: 9), from: 33, &lived)
    set(SetSchedule(.koleoLossWeight, to: 0.5), from: 40, &lived)
    let again = try SchedulePlan(recipe, journal: journal)
    for step in 1...100 { #expect(lived.values(at: step) == again.values(at: step)) }

    journal.append(
      JournalEntry(
        id: "p", time: 0, step: 50, client: "", change: .phase(PhaseRequest()),
        effect: .phases(
          PhaseDefinition.text(of: [PhaseDefinition(name: "own", steps: 20)]))))
    #expect(try SchedulePlan(recipe, journal: journal).totalSteps == 69)
    journal.append(
      JournalEntry(
        id: "b", time: 0, step: 50, client: "", change: .back, effect: .undoes("p")))
    let back = try SchedulePlan(recipe, journal: journal)
    for step in 1...100 { #expect(lived.values(at: step) == back.values(at: step)) }
  }

  @Test("planned curves show the corners of a ramp")
  func curves() throws {
    var plan = SchedulePlan(recipe)
    plan.adjust(SetSchedule(.weightDecay, to: 0.9, over: 3), from: 52)
    let curve = try #require(plan.curves(points: 10).first { $0.metric == .weightDecay })
    #expect(curve.steps.contains(51) && curve.steps.contains(52) && curve.steps.contains(54))
    #expect(curve.steps == curve.steps.sorted() && curve.steps.last == 100)
    #expect(zip(curve.steps, curve.values).allSatisfy { $1 == plan.value(.weightDecay, at: $0) })
    #expect(Set(plan.curves().map(\.metric)) == Set(Metric.adjustable))
  }
}
