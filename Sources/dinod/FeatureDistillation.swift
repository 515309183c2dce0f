import History
import Recipe
import Support
import Trainer

/// The way of a distillation whose teacher has no prototypes, such as released backbones: it learns from features.
enum FeatureDistillation {
  /// What a recipe that does not choose an objective gets, unless it says otherwise.
  private static let settings = [
    "dino.head_nlayers=1", "ibot.separate_head=true", "ibot.head_nlayers=1",
    // KoLeo would pull the student's features away from the teacher's.
    "dino.koleo_loss_weight=0",
  ]

  /// The changes that a recipe needs for its teacher; none if the teacher has prototypes, or if the recipe chooses
  /// the objective itself.
  ///
  /// - Parameter directory: the run. If it has begun, it says what was chosen then.
  static func changes(_ recipe: Recipe, _ directory: RunDirectory) throws -> [String] {
    guard recipe.isDistilled, recipe.places["objective.kind"] == nil,
      try !hasPrototypes(recipe, directory)
    else { return [] }
    return ["objective.kind=features", "crops.local_crops_number=0"]
      + settings.filter { recipe.places[String($0.prefix { $0 != "=" })] == nil }
  }

  private static func hasPrototypes(_ recipe: Recipe, _ directory: RunDirectory) throws -> Bool {
    if directory.exists { return try Recipe.read(file: directory.recipe).hasPrototypes }
    return try FrozenTeacher.hasPrototypes(recipe, runs: FilePath.parent(of: directory.path))
  }
}
