import Crops
import Kernels
import Run
import Recipe

/// A recipe's images: what is trained on, and what is held out for the probe.
struct TrainingData {
  /// All of the folder, what is held out for the probe included.
  let opened: any ImageSource
  let source: any ImageSource
  let split: ProbeSplit?
  /// What a person should know of them.
  let notes: [(RunEvent.Level, String, String)]

  /// - Parameter opened: images that were found before, so that they need not be looked for again.
  init(_ recipe: Recipe, opened: (any ImageSource)? = nil) throws {
    let opened = try opened ?? openSource(recipe: recipe)
    self.opened = opened
    split = try ProbeSplit(opened, recipe: recipe)
    source = split?.training ?? opened
    let judged =
      if let split, recipe.probe.every > 0 {
        "k-NN asks \(split.queries.count) of \(split.queries.classes) classes against "
          + "\(split.bank.count)"
      } else {
        split == nil ? "no labels, so no k-NN" : "probe.every is 0, so no k-NN"
      }
    notes = [(.info, "data", "\(source.count) images to train on; \(judged)")]
  }

  func loader(_ recipe: Recipe, onProblem: @escaping @Sendable (String) -> Void) -> BatchLoader {
    BatchLoader(recipe: recipe, source: source, onProblem: onProblem)
  }

  func probe(_ recipe: Recipe, _ makeKernels: @escaping () -> any Kernels) -> Probe? {
    guard recipe.probe.every > 0, let split else { return nil }
    return Probe(bank: split.bank, queries: split.queries, recipe: recipe, makeKernels: makeKernels)
  }
}
