import Crops
import Images
import Kernels
import Run
import Recipe
import Support
import Tensor

/// The images of a recipe, divided into those to train on and those of the probe.
struct TrainingData {
  /// All images, including those that are held out for the probe.
  let opened: any ImageSource
  /// The images to train on.
  let source: any ImageSource
  /// The split between training and probe.
  let split: ProbeSplit
  /// Events about the images, to be logged when the run begins.
  let notes: [Finding]

  /// - Parameter opened: the recipe's images, if they are open already.
  init(_ recipe: Recipe, opened: (any ImageSource)? = nil) throws {
    let opened = try opened ?? openSource(recipe: recipe)
    self.opened = opened
    split = try ProbeSplit(opened, recipe: recipe)
    source = split.training
    let probed = Self.text(recipe.probe, split, opened)
    let evaluated = recipe.data.evalPath.isEmpty ? [] : split.scored.notices
    let unused = SampleFormat(recipe) == nil ? (opened as? FileSource)?.unusedSamples : nil
    notes =
      [(.info, "data", "\(Format.count(source.count, "image")) to train on; \(probed)")]
      + (opened.notices + evaluated + [unused].compactMap(\.self)).map {
        ($0.isProblem ? .warning : .info, "data", $0.text)
      }
  }

  /// Says what the probe measures.
  private static func text(
    _ probe: Recipe.Probe, _ split: ProbeSplit, _ opened: any ImageSource
  ) -> String {
    guard probe.every > 0 else { return "probe.every is 0, so nothing is measured" }
    if let labelled = split.labelled {
      return "k-NN classifies \(Format.count(labelled.queries.count, "image")) of "
        + "\(Format.count(labelled.queries.classes.count, "class")) by the labels of "
        + Format.count(labelled.bank.count)
    }
    let reason = ProbeSplit.reason(opened) + ", so no k-NN"
    guard probe.labelFree else { return reason }
    let which = split.isHeldOut ? "held-out images" : "of the images that are trained on"
    return
      "\(reason); scores without labels are measured on \(Format.count(split.scored.count)) \(which)"
  }

  /// The loader of a process's ranks.
  func loader(
    _ recipe: Recipe, _ place: ProcessPlace, onProblem: @escaping @Sendable (String) -> Void
  ) -> BatchLoader {
    BatchLoader(recipe: recipe, source: source, place: place, onProblem: onProblem)
  }

  func probe(
    _ recipe: Recipe, _ makeKernels: @escaping () -> any Kernels & PairKernels,
    onProblem: @escaping (String) -> Void
  ) -> Probe? {
    guard recipe.probe.every > 0,
      split.labelled != nil || recipe.probe.labelFree || !recipe.probe.masksPath.isEmpty
    else {
      return nil
    }
    return Probe(split, recipe: recipe, makeKernels: makeKernels, onProblem: onProblem)
  }
}
