import Model
import Recipe

/// How many numbers the student of a recipe learns, by sub-module; nothing of it is allocated.
package struct ParameterCounts: Sendable, Equatable {
  package let backbone: Int
  package let dinoHead: Int
  /// nil where the heads are tied.
  package let ibotHead: Int?

  /// Counts the parameters of the network that a recipe describes.
  package init(_ recipe: Recipe) {
    let network = EngineShape(recipe, maskRatioMax: recipe.ibot.maskRatioMax).network
    let layout = network.layout
    backbone = layout.elements(of: "backbone.")
    dinoHead = layout.elements(of: "dino_head.")
    ibotHead = network.ibotHead.map { _ in layout.elements(of: "ibot_head.") }
  }

  /// The sub-modules under the official code's names.
  package var modules: [(name: String, count: Int)] {
    [("backbone", backbone), ("dino_head", dinoHead)] + (ibotHead.map { [("ibot_head", $0)] } ?? [])
  }

  /// All of them.
  package var total: Int { modules.reduce(0) { $0 + $1.count } }
}
