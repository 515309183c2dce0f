import Recipe
import Run
import Schedule
import Testing

@Suite("Live changes of schedules")
struct AdjustmentTests {
  private func plan(steps: Int = 4000, phases: String = "") throws -> SchedulePlan {
    SchedulePlan(
      try Recipe.parse(
        yaml: """
          train: {OFFICIAL_EPOCH_LENGTH: \(steps)}
          optim: {epochs: 1, warmup_epochs: 0}
          \(phases)
          """, name: "r.yaml"))
  }

  /// Returns the expected value by applying all changes in the order in which they were made.
  private func expected(
    _ metric: Metric, at step: Int, _ plan: SchedulePlan, _ changes: [Adjustment]
  ) -> Double {
    let phase = plan.phases.phase(at: step)
    let planned = SchedulePlan(phase.recipe).value(metric, at: step - phase.first + 1)
    return changes.reduce(planned) { value, change in
      guard change.metric == metric, step >= change.step, change.step >= phase.first else {
        return value
      }
      let progress = min(1, Double(step - change.step + 1) / Double(max(change.over, 1)))
      return change.old + ((change.new ?? planned) - change.old) * progress
    }
  }

  @Test("2,000 changes at random steps, in any order, give what each of them says")
  func order() throws {
    let phases = "phases: [{name: low}, {name: high, steps: 1000, compress: [lr, weight_decay]}]"
    var plan = try plan(steps: 3000, phases: phases)
    var random = SystemRandomNumberGenerator()
    var changes: [Adjustment] = []
    for number in 0..<2000 {
      // Steps mostly increase and sometimes decrease, as after a resume from a checkpoint.
      let step = min(4000, max(1, 1 + 2 * number + Int.random(in: -60...3, using: &random)))
      let metric: Metric = number % 3 == 0 ? .weightDecay : .lr
      changes.append(
        plan.adjust(
          SetSchedule(
            metric, to: number % 7 == 0 ? nil : Double(number % 100) / 1000, over: number % 50),
          from: step))
    }
    for step in stride(from: 1, through: 4000, by: 7) {
      for metric in [Metric.lr, .weightDecay] {
        #expect(
          abs(plan.value(metric, at: step) - expected(metric, at: step, plan, changes)) < 1e-15,
          "\(metric) at \(step)")
      }
    }
  }

  @Test("a change that a later one supersedes is kept no longer")
  func superseded() throws {
    var plan = try plan()
    for number in 0..<100 { plan.adjust(SetSchedule(.lr, to: Double(number) / 1000), from: 50) }
    #expect(plan.adjustments.count == 1 && plan.value(.lr, at: 60) == 0.099)
    plan.adjust(SetSchedule(.clipGrad, to: 1), from: 40)
    plan.adjust(SetSchedule(.lr, to: 0.5), from: 40)
    #expect(plan.adjustments.map(\.step) == [40, 40])
    plan.adjust(SetSchedule(.lr, to: 0.6), from: 41)
    #expect(plan.value(.lr, at: 40) == 0.5 && plan.value(.lr, at: 41) == 0.6)
  }

  @Test("a factor follows the recipe's schedule, warm-up and decay included, after its ramp")
  func factor() throws {
    var plan = try plan(steps: 400)
    let recipe = plan
    plan.adjust(SetSchedule(.lr, to: nil, factor: 0.3, over: 10), from: 50)
    for step in 1..<50 { #expect(plan.value(.lr, at: step) == recipe.value(.lr, at: step)) }
    let (old, aim) = (recipe.value(.lr, at: 49), 0.3 * recipe.value(.lr, at: 54))
    #expect(abs(plan.value(.lr, at: 54) - (old + aim) / 2) < 1e-15)
    for step in 59...400 {
      #expect(abs(plan.value(.lr, at: step) - 0.3 * recipe.value(.lr, at: step)) < 1e-15)
    }
    // Limits and doubts are about what comes of it, not about the factor.
    let many = SetSchedule(.lr, to: nil, factor: 20)
    #expect(plan.doubt(about: many, at: 60)?.contains("times the recipe's highest") == true)
    #expect(plan.doubt(about: SetSchedule(.lr, to: nil, factor: 2), at: 60) == nil)
    let range = try #require(plan.values(of: many, at: 60))
    #expect(abs(range.upperBound - 20 * recipe.value(.lr, at: 60)) < 1e-12)
  }

  @Test("a change of the next phase outlives one that a run makes again before it")
  func phases() throws {
    var plan = try plan(steps: 100, phases: "phases: [{name: low}, {name: high, steps: 100}]")
    plan.adjust(SetSchedule(.clipGrad, to: 7), from: 150)
    plan.adjust(SetSchedule(.clipGrad, to: 8), from: 90)
    #expect(plan.value(.clipGrad, at: 95) == 8 && plan.value(.clipGrad, at: 101) == 3)
    #expect(plan.value(.clipGrad, at: 160) == 7)
  }

  @Test("a curve has a bounded number of points however many changes there are")
  func curves() throws {
    var plan = try plan()
    for step in 1...2000 { plan.adjust(SetSchedule(.lr, to: 1 / Double(step + 1)), from: 2 * step) }
    let curve = plan.curve(.lr)
    #expect(curve.steps.count <= 6 * 240 && curve.steps == curve.steps.sorted())
    #expect(curve.steps.first == 1 && curve.steps.last == 4000)
    for (step, value) in zip(curve.steps, curve.values) {
      #expect(value == plan.value(.lr, at: step))
    }
    #expect(plan.curve(.clipGrad).steps.count <= 2 * 240 + 2)
  }
}
