import Evaluation
import Features
import Kernels
import Recipe
import Tensor

/// A linear classifier of frozen features, trained anew at each probe.
///
/// It is that of `LinearEvaluation` on the last block's CLS tokens, by the larger of the paper's learning rates and in
/// fewer iterations. About a tenth of the images that vote in k-NN chooses the rate.
struct ProbeLinear {
  private let labelled: ProbeSplit.Labelled
  /// The bank's images that choose the learning rate.
  private let validation: Set<Int>

  /// The most classes. With more, the classifiers would take longer than the features.
  private static let mostClasses = 1000
  /// The most iterations, and passes over the images.
  private static let (mostIterations, passes) = (1000, 20)
  /// In so few iterations, smaller rates learn nothing.
  private static let rates = LinearGrid.rates.filter { $0 >= 1e-3 }

  /// `nil` if the recipe wants none, if there are too many classes, or if no class has an image to spare.
  init?(_ labelled: ProbeSplit.Labelled?, _ recipe: Recipe) {
    guard recipe.probe.linear, let labelled, labelled.bank.classes.count <= Self.mostClasses
    else { return nil }
    let held = labelled.bank.indicesHoldingOut(for: .validation).held
    guard !held.isEmpty else { return nil }
    (self.labelled, validation) = (labelled, Set(held))
  }

  /// Returns the accuracy on the queries; `nil` if none of the images for training, or for the choice, could be read.
  func accuracy(
    bank: ProbeReader.Rows, queries: ProbeReader.Rows, kernels: any Kernels
  ) throws(MemoryError) -> Double? {
    let rows = Array(bank.images.indices)
    let choosing = rows.filter { validation.contains(bank.images[$0]) }
    let fitting = rows.filter { !validation.contains(bank.images[$0]) }
    guard !choosing.isEmpty, !fitting.isEmpty else { return nil }
    var linear = LinearEvaluation()
    let batch = min(linear.batch, fitting.count)
    linear.iterations = min(Self.mostIterations, Self.passes * fitting.count / batch)
    let grid = LinearGrid(
      clsOf: bank.features.count / bank.images.count, batch: batch, rates: Self.rates)
    let outcome = try linear.run(
      train: part(bank, of: labelled.bank), fitting: fitting, validation: choosing,
      test: part(queries, of: labelled.queries), grid: grid, classes: labelled.bank.classes.count,
      kernels: kernels)
    return outcome.classifiers[outcome.best].test.value
  }

  private func part(
    _ rows: ProbeReader.Rows, of images: LabelledImages
  ) -> LinearEvaluation.Part {
    let width = rows.features.count / rows.images.count
    return .init(
      FeatureTable(embedDim: width, layers: 1, hasPooled: false, rows: rows.features),
      labels: rows.images.map { images.labels[$0] })
  }

  /// Returns the bytes that classifiers of features take in a backend's memory; 0 where there are none.
  static func mostBytes(_ recipe: Recipe, classes: Int, width: Int) -> Int {
    guard recipe.probe.linear, classes <= mostClasses else { return 0 }
    return LinearEvaluation().mostBytes(width: width, classes: classes, rates: rates.count)
  }
}
