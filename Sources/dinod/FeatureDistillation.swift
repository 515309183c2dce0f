import History
import Recipe
import Support
import Trainer

/// The way of a distillation whose teacher has no prototypes, such as released backbones: it learns from features.
enum FeatureDistillation {
  /// Reads a recipe, with what a distillation from features needs besides, and the folder of its run.
  ///
  /// - Parameters:
  ///   - parent: the folder that holds runs; nil for the default one.
  ///   - isNew: whether the run begins anew if there is one.
  static func recipe(
    _ file: String, _ overrides: [String], parent: String?, isNew: Bool = false
  ) throws -> (Recipe, RunDirectory) {
    let recipe = try Recipe.read(file: file, overrides: overrides)
    let directory = RunDirectory(name: recipe.session.name, parent: parent)
    let changes = try changes(recipe, directory, isNew: isNew)
    guard !changes.isEmpty else { return (recipe, directory) }
    return (try Recipe.read(file: file, overrides: overrides + changes), directory)
  }

  /// The changes that a recipe needs: none for a teacher with prototypes, unless the recipe chooses features itself.
  private static func changes(
    _ recipe: Recipe, _ directory: RunDirectory, isNew: Bool
  ) throws -> [String] {
    guard recipe.isDistilled else { return [] }
    let isChosen = recipe.places["objective.kind"] != nil
    guard
      isChosen
        ? recipe.objective.kind == .features
        : try !hasPrototypes(recipe, directory, isNew: isNew)
    else { return [] }
    // Local crops have no target; a recipe that chooses features and has some is refused.
    let needed = isChosen ? 0 : 2
    return Recipe.featureDistillation.enumerated().filter { number, change in
      number < needed || recipe.places[String(change.prefix { $0 != "=" })] == nil
    }.map(\.element)
  }

  /// Whether the teacher has prototypes. A run that goes on says what was found when it began.
  private static func hasPrototypes(
    _ recipe: Recipe, _ directory: RunDirectory, isNew: Bool
  ) throws -> Bool {
    if !isNew, directory.exists, let kept = try? Recipe.read(file: directory.recipe),
      kept.distillation == recipe.distillation
    {
      return kept.hasPrototypes
    }
    return try FrozenTeacher.hasPrototypes(recipe, runs: FilePath.parent(of: directory.path))
  }
}
