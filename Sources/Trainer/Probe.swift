import Crops
import Engine
import Evaluation
import Features
import Kernels
import Recipe
import Run

/// Measures during a run how well features tell classes apart that training never sees: by k-NN,
/// for the average of each student (in pre-training that is the teacher), and beside it, as
/// baselines, for raw pixels, the untrained network and a distillation's teacher.
final class Probe {
  private let bank: LabelledImages
  private let queries: LabelledImages
  private let view: EvaluationView
  private let neighbours: KNearestNeighbours
  private let batch: Int
  private let threads: Int
  private let makeKernels: () -> any Kernels
  private let onProblem: (String) -> Void
  /// What was said of unreadable images last, so that it is said once.
  private var lastProblem: String?
  /// The accuracies that do not change during a run: measured once, kept in its history.
  var baselines: [Metric: Double] = [:]
  /// Images whose classes were predicted at the last measurement.
  private(set) var images = 0

  /// - Parameters:
  ///   - makeKernels: gives a backend for the search of neighbours.
  ///   - onProblem: told of images that cannot be read, again only if they become others.
  init(
    _ split: ProbeSplit, recipe: Recipe, makeKernels: @escaping () -> any Kernels,
    onProblem: @escaping (String) -> Void
  ) {
    bank = split.bank
    queries = split.queries
    view = EvaluationView(
      probing: recipe.crops.globalCropsSize, mean: recipe.data.mean.map(Float.init),
      std: recipe.data.std.map(Float.init))
    neighbours = KNearestNeighbours(
      k: recipe.probe.k, temperature: Float(recipe.probe.temperature))
    batch = Self.batch(recipe)
    threads = BatchLoader.threads(recipe)
    self.makeKernels = makeKernels
    self.onProblem = onProblem
  }

  var classes: Int { queries.classes.count }

  /// Measures the untrained network, a frozen teacher and raw pixels; the engine holds untrained
  /// weights.
  func measureBaselines(_ engine: Engine) throws {
    baselines[.knnUntrained] = try accuracy { engine.embed($0, by: .average) }
    if engine.shape.frozenTeacher != nil {
      baselines[.knnTeacher] = try accuracy { engine.embed($0, by: .teacher) }
    }
    let side = view.size.width
    baselines[.knnRawPixels] = try accuracy { RawPixels.features($0, size: side) }
  }

  /// The accuracy of what a student has learned, and the baselines; the untrained network belongs
  /// to the first student. Without `knnLearned` if none of the images can be read.
  func evaluate(_ engine: Engine, student: Int) throws -> [Metric: Double] {
    var values = student == 0 ? baselines : baselines.filter { $0.key != .knnUntrained }
    values[.knnLearned] = try accuracy { engine.embed($0, by: .average, student: student) }
    return values
  }

  /// The accuracy with features that `embed` computes from views [n, 3, H, W]; nil if none of the
  /// images can be read.
  private func accuracy(_ embed: (_ views: [Float]) -> [Float]) throws -> Double? {
    do {
      let (bank, bankProblems) = try features(bank, embed)
      let (queries, queryProblems) = try features(queries, embed)
      tell(bankProblems + queryProblems)
      images = queries.labels.count
      return try neighbours.accuracy(
        bank: bank.features, bankLabels: bank.labels, queries: queries.features,
        queryLabels: queries.labels, classes: classes, kernels: makeKernels())
    } catch let error as FeatureError {
      tell("no k-NN: \(error)")
      return nil
    }
  }

  /// Features and labels of those images that can be read.
  private func features(
    _ labelled: LabelledImages, _ embed: (_ views: [Float]) -> [Float]
  ) throws -> (rows: (features: [Float], labels: [Int]), problems: [PixelLoader.Problem]) {
    let batches = PixelBatches(
      ImageViews(labelled.images, view: view), size: batch, ahead: Self.ahead(batch),
      threads: threads)
    let (table, problems) = try batches.table(by: embed)
    return ((table.cls, table.images.map { labelled.labels[$0] }), problems)
  }

  private func tell(_ problems: [PixelLoader.Problem]) {
    guard let first = problems.first else { return lastProblem = nil }
    tell(
      "\(problems.count) of the probe's \(bank.count + queries.count) images cannot be read and "
        + "are left out; the first: \(first.reason)")
  }

  private func tell(_ problem: String) {
    if problem != lastProblem { onProblem(problem) }
    lastProblem = problem
  }
}

extension Probe {
  /// Images that are computed together: as many as the engine's pass has global crops, so that no
  /// part of it is wasted, but no more than memory should be taken for.
  private static func batch(_ recipe: Recipe) -> Int {
    min(2 * recipe.train.batchSizePerGPU, 256)
  }

  /// Images that are decoded while others are computed.
  private static func ahead(_ batch: Int) -> Int { min(batch, 64) }

  /// Bytes beside the engine that measuring takes at the most.
  ///
  /// - Parameters:
  ///   - bank, queries: the numbers of images.
  ///   - width: of the network's features.
  /// - Returns: for learned features, and for raw pixels, which are measured once.
  static func mostBytes(
    _ recipe: Recipe, bank: Int, queries: Int, width: Int
  ) -> (learned: Int, raw: Int) {
    let side = recipe.crops.globalCropsSize
    let (batch, most) = (batch(recipe), max(bank, queries))
    let views = min(batch, most) + PixelLoader.slots(ahead: ahead(batch), count: most)
    // While neighbours are searched, features exist twice: here and in the backend's memory.
    func bytes(_ width: Int) -> Int {
      4 * max(views * 3 * side * side + (bank + queries) * width, 2 * (bank + queries) * width)
    }
    return (bytes(width), bytes(RawPixels.width(side)))
  }
}
