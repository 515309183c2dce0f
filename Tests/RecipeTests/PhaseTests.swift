import Settings
import Recipe
import Testing

@Suite("Phases of a recipe")
struct PhaseTests {
  private let yaml = """
    student: {arch: vit_small, patch_size: 14, drop_path_rate: 0.1}
    crops: {global_crops_size: 224, local_crops_size: 98}
    train: {batch_size_per_gpu: 8, OFFICIAL_EPOCH_LENGTH: 100}
    optim: {epochs: 10, warmup_epochs: 2, base_lr: 0.004, scaling_rule: none}
    phases:
      - name: low
      - name: high
        steps: 250
        base_lr_factor: 0.5
        compress: [lr, teacher_temp]
        crops: {global_crops_size: 518}
        train: {batch_size_per_gpu: 2, accumulation_steps: 3}
        ibot: {mask_ratio_min_max: [0.2, 0.6]}

    """

  private func parse(_ text: String, _ overrides: [String] = []) throws -> Recipe {
    try Recipe.parse(yaml: text, name: "r.yaml", overrides: overrides)
  }

  private func refusal(_ old: String, _ new: String) -> String {
    do {
      _ = try parse(yaml.replacing(old, with: new))
      return "none"
    } catch { return "\(error)" }
  }

  @Test(
    "a phase is an ordinary recipe: its own values, the rest the recipe's, warm-ups in proportion")
  func resolved() throws {
    let plan = PhasePlan(try parse(yaml))
    #expect(plan.phases.map(\.name) == ["low", "high"])
    #expect(plan.phases.map(\.first) == [1, 1001] && plan.phases.map(\.steps) == [1000, 250])
    #expect(plan.totalSteps == 1250)
    let (low, high) = (plan.phases[0].recipe, plan.phases[1].recipe)
    #expect(low.crops.globalCropsSize == 224 && low.warmupSteps == 200 && low.phases.isEmpty)
    #expect(high.crops.globalCropsSize == 518 && high.crops.localCropsSize == 98)
    #expect(high.imagesPerStep == 6 && high.ibot.maskRatioMax == 0.6)
    #expect(high.totalSteps == 250 && high.warmupSteps == 50 && high.optim.baseLr == 0.002)
    #expect(high.student.dropPathRate == 0.1)
    // The counts of images and batches continue from the previous phase.
    #expect(
      plan.phases[1].images(after: 1000) == 8000 && plan.phases[1].images(after: 1002) == 8012)
    #expect(plan.phases[1].batches(after: 1002) == 1006)
    #expect(plan.phase(at: 1000).name == "low" && plan.phase(at: 1001).name == "high")
  }

  @Test("without phases the run is one, called pretrain, with the recipe itself")
  func official() throws {
    let recipe = try parse("optim: {epochs: 30}")
    let plan = PhasePlan(recipe)
    #expect(plan.phases.map(\.name) == ["pretrain"])
    #expect(plan.phases[0].recipe == recipe && plan.totalSteps == recipe.totalSteps)
    #expect(!recipe.yaml().contains("phases"))
  }

  @Test("a resolved recipe and a definition read back as they were")
  func roundTrip() throws {
    let recipe = try parse(yaml)
    let again = try parse(recipe.yaml())
    #expect(again == recipe && again.phases == recipe.phases)
    #expect(recipe.keysThatDiffer(from: again) == [])
    #expect(try PhaseDefinition.list(PhaseDefinition.text(of: recipe.phases)) == recipe.phases)
    let other = try parse(yaml, ["phases=[{name: a}, {name: b, steps: 7, optim.clip_grad: 1}]"])
    #expect(
      other.phases.map(\.name) == ["a", "b"] && other.phases[1].text(of: "optim.clip_grad") == "1")
    #expect(recipe.keysThatDiffer(from: other) == ["phases"])
  }

  @Test("entering another phase cuts the present one and replaces what was planned")
  func entering() throws {
    var plan = PhasePlan(try parse(yaml))
    let planned = plan
    var own = PhaseDefinition(name: "own", steps: 30)
    own.set("crops.global_crops_size", "448")
    try plan.enter([own] + plan.following(plan.phases[0]), at: 401)
    #expect(plan.phases.map(\.name) == ["low", "own", "high"])
    #expect(plan.phases.map(\.first) == [1, 401, 431] && plan.totalSteps == 680)
    #expect(plan.phases[0].steps == 400 && plan.phases[0].recipe.totalSteps == 1000)
    #expect(plan.phases[1].images(after: 401) == 3208)
    // A phase entered at the first step of another replaces it.
    try plan.enter(planned.following(planned.phases[0]), at: 401)
    #expect(plan.phases.map(\.name) == ["low", "high"] && plan.phases[1].first == 401)
    // A phase that is not valid changes nothing.
    let before = plan
    own.set("crops.global_crops_size", "450")
    #expect(throws: SettingError.self) { try plan.enter([own], at: 500) }
    #expect(plan == before)
  }

  @Test("a phase whose teacher would not move is noticed")
  func stillness() throws {
    let recipe = try parse(yaml, ["phases=[{name: a}, {name: b, steps: 7, compress: [lr]}]"])
    let notice = try #require(recipe.notices.first)
    #expect(recipe.notices.count == 1 && notice.hasPrefix("--set phases="))
    #expect(
      notice.hasSuffix(
        ": phase b: momentum_teacher has reached 1, so the teacher no longer changes; "
          + "compress it, too"))
    let moving = try parse(
      yaml, ["phases=[{name: a}, {name: b, steps: 7, compress: [lr, momentum_teacher]}]"])
    #expect(moving.notices == [])
  }

  @Test("a mistake in a phase is one line that says where and what")
  func mistakes() {
    #expect(
      refusal("518", "500")
        == "r.yaml:7: phase high: crops.global_crops_size: 500 is not a multiple of the patch size "
        + "14 (student.patch_size); nearest: 504")
    #expect(refusal("name: low", "steps: 5").contains("phase 1 has no name"))
    #expect(
      refusal("name: low", "name: high").contains("r.yaml:7: phases: two phases are called high"))
    #expect(refusal("name: low", "name: next").contains("next is the name of a command"))
    #expect(refusal("steps: 250", "steps: 0").contains("r.yaml:8: phases: steps: must be a whole"))
    #expect(refusal("steps: 250", "setps: 250").contains("a phase has base_lr_factor, compress"))
    #expect(
      refusal("ibot: {mask", "student: {depth: 3}\n    ibot: {mask")
        .contains("r.yaml:13: phases: student.depth: must be the same in all phases"))
    #expect(
      refusal("ibot: {mask", "distillation: {teacher: a}\n    ibot: {mask")
        .contains("distillation.teacher: must be the same in all phases"))
    #expect(
      refusal("compress: [lr, teacher_temp]", "compress: [teacher_temp]")
        .contains("base_lr_factor has no effect unless compress has lr"))
    #expect(
      refusal("ibot: {mask", "teacher: {momentum_teacher: 0.9}\n    ibot: {mask")
        .contains("teacher.momentum_teacher has no effect unless compress has momentum_teacher"))
    #expect(refusal("[lr, teacher_temp]", "[lr, temp]").contains("must be a list of some of lr"))
    #expect(refusal("- name: low\n  - name: high\n", "- 5\n").contains("none") == false)
  }
}
