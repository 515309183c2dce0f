import CommandKit
import Crops
import Engine
import Evaluation
import Images
import Recipe
import Schedule
import Support
import Trainer

/// Writes the crops of a recipe's first batch as files, with their colours changed and their masks, so that a
/// person can judge whether they show what matters.
struct CropsCommand {
  private let folder: String
  private let recipe: Recipe
  private let plan: SchedulePlan
  private let source: any ImageSource
  private let count: Int

  init(_ arguments: Arguments) throws {
    guard arguments.value("--of") == nil else {
      throw UsageError("--of goes without --crops, which are of the images to train on")
    }
    folder = arguments.needed("--to")
    // As a run reads it: a distillation from features has no local crops.
    let (whole, _) = try FeatureDistillation.recipe(
      arguments.operands[0], arguments.values("--set"), parent: nil)
    try whole.checkPaths()
    plan = SchedulePlan(whole)
    recipe = plan.phases.phase(at: 1).recipe
    let all = try openSource(recipe: recipe)
    tell(all.notices)
    source = try ProbeSplit(all, recipe: recipe).training
    count = min(
      try arguments.integer("--count", in: 1...10_000_000) ?? 16, recipe.train.batchSizePerGPU)
    try makeOutputFolder(folder, unlessItHas: Self.name(0, "global"))
  }

  func run() throws -> Int32 {
    let loader = BatchLoader(recipe: recipe, source: source) { tell($0) }
    loader.start(batch: 1)
    defer { loader.stop() }
    let batch = try loader.next()
    let input = StepInput(
      globalCrops: batch.globalCrops, localCrops: batch.localCrops, batch: batch.number, recipe,
      EngineShape(recipe, maskRatioMax: recipe.ibot.maskRatioMax), plan.values(at: 1))
    let pictures = CropPictures(recipe)
    for image in 0..<count {
      try write(pictures.globalCrops(input, image: image), image, "global")
      try write(pictures.localCrops(input, image: image), image, "local")
    }
    print("crops of \(Format.count(count, "image")) in \(folder)")
    return 0
  }

  /// Writes crops beside each other.
  private func write(_ crops: [RGBImage], _ image: Int, _ kind: String) throws {
    guard !crops.isEmpty else { return }
    try PatchPicture.contactSheet(crops, columns: crops.count, gap: 2)
      .writePNG(path: "\(folder)/\(Self.name(image, kind))")
  }

  private static func name(_ image: Int, _ kind: String) -> String {
    let digits = String(image)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits + "-\(kind).png"
  }
}
