import Model
import Recipe

/// The number of parameters of a recipe's student, by sub-module. Nothing is allocated to count them.
package struct ParameterCounts: Sendable, Equatable {
  /// Those of the backbone, and of the head of CLS tokens.
  package let backbone: Int
  package let dinoHead: Int
  /// Those of the head of patches; nil if the heads are tied.
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
