import Foundation
import Recipe
import Testing

@Suite("A recipe that is chosen by the data")
struct AdviceTests {
  private func facts(
    _ images: Int, side: Int, classes: Int = 0, samples: DataFacts.Samples? = nil,
    isGrey: Bool = false
  ) -> DataFacts {
    DataFacts(
      path: "/a \"folder\" of images", images: images, classes: classes, side: side,
      samples: samples, isGrey: isGrey,
      range: samples.map { Array(repeating: 3...900, count: $0.channels) } ?? [],
      mean: Array(repeating: 0.4, count: samples?.channels ?? 3),
      std: Array(repeating: 0.2, count: samples?.channels ?? 3))
  }

  private func recipe(_ advice: Advice) throws -> Recipe {
    try Recipe.parse(yaml: advice.yaml(), name: "advice")
  }

  @Test(
    "every advice is a recipe without notices, for small images and large, few and many",
    arguments: [28, 32, 40, 64, 100, 500, 3000], [200, 20_001, 60_000, 2_000_000])
  func valid(side: Int, images: Int) throws {
    for hours in [0.1, 1, 24] {
      for stepSeconds in [nil, 0.01, 3] {
        let advice = Advice(facts(images, side: side), hours: hours, stepSeconds: stepSeconds)
        let recipe = try recipe(advice)
        #expect(recipe.notices.isEmpty, "\(recipe.notices)")
        #expect(recipe.totalSteps == advice.steps && recipe.imagesPerStep == advice.batch)
        #expect(recipe.crops.globalCropsSize <= max(side, 16) || side < 112)
        #expect(recipe.data.path == "/a \"folder\" of images")
        #expect(recipe.data.holdOut == (images < 5000 ? 0 : 0.1))
      }
    }
  }

  @Test("the length follows from the time of a step, and the prototypes from the images")
  func length() throws {
    let short = try recipe(Advice(facts(5000, side: 32), hours: 1, stepSeconds: 1))
    #expect((3150...3240).contains(short.totalSteps))
    #expect(short.dino.headNPrototypes == 1024 && short.teacher.teacherTemp == 0.03)
    let long = try recipe(Advice(facts(400_000, side: 300), hours: 10, stepSeconds: 1))
    #expect((31_500...32_400).contains(long.totalSteps))
    #expect(long.dino.headNPrototypes == 32_768 && long.student.arch == "vit_small")
    #expect(long.teacher.momentumTeacher > short.teacher.momentumTeacher)
    let longEpoch = Advice(facts(5000, side: 32), hours: 1, stepSeconds: 1, epoch: 200)
    #expect(longEpoch.steps == 3200 && longEpoch.yaml().contains("epochs: 16 "))
  }

  @Test(
    "grey images lose no colour, labelled ones hold nothing else out, rich ones keep their bits")
  func kinds() throws {
    let grey = try recipe(Advice(facts(300, side: 200, isGrey: true), hours: 1, stepSeconds: 1))
    #expect(grey.data.saturation == 0 && grey.data.hue == 0 && grey.data.greyProbability == 0)
    let labelled = try recipe(Advice(facts(300, side: 200, classes: 3), hours: 1, stepSeconds: 1))
    #expect(labelled.data.holdOut == 0 && labelled.data.saturation > 0)
    let scans = DataFacts.Samples(channels: 1, bits: 16)
    let rich = try recipe(
      Advice(facts(300, side: 200, samples: scans, isGrey: true), hours: 1, stepSeconds: 1))
    #expect(rich.data.channels == 1 && rich.data.rangeMin == [3] && rich.data.rangeMax == [900])
    #expect(rich.notices.isEmpty)
  }

  @Test("values that are given take the place of the advice, and others join their group")
  func given() throws {
    let advice = Advice(facts(300, side: 200), hours: 1, stepSeconds: 1)
    let overrides = ["student.arch=vit_base", "probe.k=7", "data.eval_path=/a #b", "session.name="]
    let resolved = try recipe(advice).applying(overrides)
    let text = advice.yaml(with: AdvisedChoice.given(overrides, in: resolved))
    #expect(text.contains("  arch: vit_base                        # given\n"))
    let recipe = try Recipe.parse(yaml: text, name: "advice")
    #expect(recipe.student.arch == "vit_base" && recipe.probe.k == 7)
    #expect(recipe.data.evalPath == "/a #b" && recipe == resolved)
    #expect(text.components(separatedBy: "\nprobe:").count == 2)
  }
}
