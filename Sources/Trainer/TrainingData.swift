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
  /// The split between training and probe; `nil` if nothing can be measured.
  let split: ProbeSplit?
  /// Events about the images, to be logged when the run begins.
  let notes: [Finding]

  /// - Parameter opened: the recipe's images, if they are open already.
  init(_ recipe: Recipe, opened: (any ImageSource)? = nil) throws {
    let opened = try opened ?? openSource(recipe: recipe)
    self.opened = opened
    split = try ProbeSplit(opened, recipe: recipe)
    source = split?.training ?? opened
    let probed =
      if let split, recipe.probe.every > 0 {
        "k-NN classifies \(Format.count(split.queries.count, "image")) of "
          + "\(Format.count(split.queries.classes.count, "class")) by the labels of "
          + Format.count(split.bank.count)
      } else {
        (split == nil ? ProbeSplit.reason(opened) : "probe.every is 0") + ", so no k-NN"
      }
    let evaluated = recipe.data.evalPath.isEmpty ? [] : split?.queries.images.notices ?? []
    let unused = SampleFormat(recipe) == nil ? (opened as? FileSource)?.unusedSamples : nil
    notes =
      [(.info, "data", "\(Format.count(source.count, "image")) to train on; \(probed)")]
      + (opened.notices + evaluated + [unused].compactMap(\.self)).map {
        ($0.isProblem ? .warning : .info, "data", $0.text)
      }
  }

  /// The loader of a process's ranks.
  func loader(
    _ recipe: Recipe, _ place: ProcessPlace, onProblem: @escaping @Sendable (String) -> Void
  ) -> BatchLoader {
    BatchLoader(recipe: recipe, source: source, place: place, onProblem: onProblem)
  }

  func probe(
    _ recipe: Recipe, _ makeKernels: @escaping () -> any Kernels,
    onProblem: @escaping (String) -> Void
  ) -> Probe? {
    guard recipe.probe.every > 0, let split else { return nil }
    return Probe(split, recipe: recipe, makeKernels: makeKernels, onProblem: onProblem)
  }
}
