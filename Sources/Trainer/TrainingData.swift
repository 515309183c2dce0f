import Crops
import Kernels
import Metrics
import Recipe

/// A recipe's images: what is trained on, and what is held out for the probe.
struct TrainingData {
  let source: any ImageSource
  let split: ProbeSplit?
  /// What a person should know of them.
  let notes: [(RunEvent.Level, String, String)]

  init(_ recipe: Recipe) throws {
    let opened = try openSource(recipe: recipe)
    split = try ProbeSplit(opened, recipe: recipe)
    source = split?.training ?? opened
    if let split {
      notes = [
        (
          .info, "data",
          "\(source.count) images to train on; k-NN asks \(split.queries.count) of "
            + "\(split.queries.classes) classes against \(split.bank.count)"
        )
      ]
    } else {
      notes = [(.info, "data", "\(source.count) images to train on; no labels, so no k-NN")]
    }
  }

  func loader(_ recipe: Recipe, onProblem: @escaping @Sendable (String) -> Void) -> BatchLoader {
    BatchLoader(recipe: recipe, source: source, onProblem: onProblem)
  }

  func probe(_ recipe: Recipe, _ makeKernels: @escaping () -> any Kernels) -> Probe? {
    guard recipe.probe.every > 0, let split else { return nil }
    return Probe(bank: split.bank, queries: split.queries, recipe: recipe, makeKernels: makeKernels)
  }
}
