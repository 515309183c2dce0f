import Recipe
import Run
import Schedule
import Testing

@Suite("Schedules of a run in phases")
struct PhaseScheduleTests {
  private func plan(_ compress: String = "") throws -> SchedulePlan {
    SchedulePlan(
      try Recipe.parse(
        yaml: """
          train: {OFFICIAL_EPOCH_LENGTH: 10, batch_size_per_gpu: 1024}
          optim: {epochs: 10, warmup_epochs: 2, base_lr: 1.0e-3, freeze_last_layer_epochs: 1}
          teacher: {warmup_teacher_temp_epochs: 3}
          phases:
            - name: low
            - {name: high, steps: 50, \(compress)ibot: {mask_ratio_min_max: [0.1, 0.3]}}

          """, name: "r.yaml"))
  }

  @Test("a compressed schedule runs its whole course within the phase, at its own height")
  func compressed() throws {
    let plan = try plan("base_lr_factor: 0.5, ")
    #expect(plan.totalSteps == 150)
    for step in 1...100 where step % 7 == 0 {
      #expect(plan.value(.lr, at: step) == SchedulePlan(Recipe.ten).value(.lr, at: step))
    }
    // With half the steps and half the rate, the curve is the same at every second step, except
    // for the warm-up.
    #expect(plan.value(.lr, at: 101) == 0)
    #expect(abs(plan.value(.lr, at: 110) - 5e-4) < 1e-12)
    #expect(abs(plan.value(.weightDecay, at: 126) - plan.value(.weightDecay, at: 51)) < 1e-12)
    #expect(plan.value(.teacherTemp, at: 101) == 0.04 && plan.value(.teacherTemp, at: 115) == 0.07)
    #expect(plan.value(.lastLayerLr, at: 105) == 0 && plan.value(.lastLayerLr, at: 106) > 0)
    #expect(plan.value(.maskRatioMax, at: 100) == 0.5 && plan.value(.maskRatioMax, at: 101) == 0.3)
  }

  @Test("a schedule that is not compressed goes on where it was")
  func goingOn() throws {
    let plan = try plan("compress: [weight_decay], ")
    #expect(plan.value(.lr, at: 101) == 1e-6 && plan.value(.lr, at: 150) == 1e-6)
    #expect(plan.value(.momentumTeacher, at: 101) == 1 && plan.value(.teacherTemp, at: 101) == 0.07)
    #expect(plan.value(.lastLayerLr, at: 101) == plan.value(.lr, at: 101))
    #expect(abs(plan.value(.weightDecay, at: 101) - 0.04) < 1e-12)
    // When the phase begins early, the schedule that it continues has not ended.
    var early = plan
    try early.enter(plan.phases.following(plan.phases.phases[0]), at: 41)
    #expect(early.totalSteps == 90)
    for step in [41, 60, 90] { #expect(early.value(.lr, at: step) == plan.value(.lr, at: step)) }
    #expect(early.value(.weightDecay, at: 41) == plan.value(.weightDecay, at: 101))
  }

  @Test("a live change ends with its phase, and one in the next begins from that phase's course")
  func changes() throws {
    var plan = try plan()
    let course = plan
    plan.adjust(SetSchedule(.lr, to: 5e-3, over: 0), from: 90)
    #expect(plan.value(.lr, at: 100) == 5e-3)
    #expect(plan.value(.lr, at: 101) == course.value(.lr, at: 101))
    let change = plan.adjust(SetSchedule(.lr, to: 2e-3, over: 0), from: 101)
    #expect(change.old == course.value(.lr, at: 101) && plan.value(.lr, at: 150) == 2e-3)
    // A phase that begins at the step of a later change replaces that change.
    plan.adjust(SetSchedule(.clipGrad, to: 1, over: 0), from: 121)
    try plan.enter([PhaseDefinition(name: "own", steps: 20)], at: 121)
    #expect(plan.value(.clipGrad, at: 121) == 3)
    #expect(plan.adjustments.map(\.step) == [90, 101])
  }

  @Test("curves have both sides of a border")
  func curves() throws {
    let curve = try #require(try plan().curves(points: 5).first { $0.metric == .lr })
    #expect(curve.steps.contains(100) && curve.steps.contains(101) && curve.steps.last == 150)
  }
}

extension Recipe {
  fileprivate static var ten: Recipe {
    var recipe = Recipe()
    recipe.train.officialEpochLength = 10
    recipe.train.batchSizePerGPU = 1024
    (recipe.optim.epochs, recipe.optim.warmupEpochs, recipe.optim.baseLr) = (10, 2, 1e-3)
    return recipe
  }
}
