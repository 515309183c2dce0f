import Crops
import Engine
import Evaluation
import Features
import Images
import Kernels
import Recipe
import Run

/// Measures during a run, by k-NN, how well features separate the classes of held-out images.
///
/// It evaluates the EMA of each student (which is the teacher in pre-training) and, as baselines,
/// raw pixels, the untrained network and the teacher of a distillation.
final class Probe {
  private let bank: LabelledImages
  private let queries: LabelledImages
  private let view: EvaluationView
  private let neighbours: KNearestNeighbours
  private let batch: Int
  private let threads: Int
  private let makeKernels: () -> any Kernels
  private let onProblem: (String) -> Void
  /// The last problem that was reported, so that it is reported only once.
  private var lastProblem: String?
  /// The accuracies that do not change during a run. They are measured once and kept in its
  /// history.
  var baselines: [Metric: Double] = [:]
  /// The images whose classes were predicted at the last measurement.
  private(set) var images = 0

  /// - Parameters:
  ///   - makeKernels: makes a backend for the search of neighbours.
  ///   - onProblem: called when images cannot be read, again only if the problem changes.
  init(
    _ split: ProbeSplit, recipe: Recipe, makeKernels: @escaping () -> any Kernels,
    onProblem: @escaping (String) -> Void
  ) {
    bank = split.bank
    queries = split.queries
    view = EvaluationView(
      probing: recipe.crops.globalCropsSize, format: SampleFormat(recipe),
      mean: recipe.data.mean.map(Float.init), std: recipe.data.std.map(Float.init))
    neighbours = KNearestNeighbours(
      k: recipe.probe.k, temperature: Float(recipe.probe.temperature))
    batch = Self.batch(recipe)
    threads = BatchLoader.threads(recipe)
    self.makeKernels = makeKernels
    self.onProblem = onProblem
  }

  var classes: Int { queries.classes.count }

  /// Measures the teacher of a distillation, raw pixels, and the untrained network if the engine
  /// still holds its weights.
  func measureBaselines(_ engine: Engine, isUntrained: Bool) throws {
    if isUntrained {
      baselines[.knnUntrained] = try accuracy { engine.embed($0, by: .average) }
    }
    if engine.shape.frozenTeacher != nil {
      baselines[.knnTeacher] = try accuracy { engine.embed($0, by: .teacher) }
    }
    let side = view.size.width
    baselines[.knnRawPixels] = try accuracy { RawPixels.features($0, size: side) }
  }

  /// Returns whether all files of the probe's images can be found.
  func isReadable() -> Bool {
    for labelled in [bank, queries] {
      for index in labelled.labels.indices {
        do {
          _ = try labelled.images.image(index)
        } catch {
          if DataOutage.isOutage(error) { return false }
        }
      }
    }
    return true
  }

  /// Returns the accuracy of a student's EMA, and the baselines; the untrained network is a
  /// baseline of the first student only. `knnLearned` is missing if none of the images can be
  /// read.
  func evaluate(_ engine: Engine, student: Int) throws -> [Metric: Double] {
    var values = student == 0 ? baselines : baselines.filter { $0.key != .knnUntrained }
    values[.knnLearned] = try accuracy { engine.embed($0, by: .average, student: student) }
    return values
  }

  /// Returns the accuracy with features that `embed` computes from views [n, channels, H, W]; `nil` if
  /// none of the images can be read.
  private func accuracy(_ embed: (_ views: [Float]) -> [Float]) throws -> Double? {
    do {
      let (bank, bankProblems) = try features(bank, embed)
      let (queries, queryProblems) = try features(queries, embed)
      // To leave these out would compare the accuracy of other images with earlier ones.
      if let outage = (bankProblems + queryProblems).first(where: \.isOutage) {
        throw DataOutage(index: outage.index, reason: outage.reason)
      }
      tell(bankProblems + queryProblems)
      images = queries.labels.count
      return try neighbours.accuracy(
        bank: bank.features, bankLabels: bank.labels, queries: queries.features,
        queryLabels: queries.labels, classes: classes, kernels: makeKernels())
    } catch let error as FeatureError {
      if error.isOutage { throw DataOutage(index: 0, reason: "\(error)") }
      tell("no k-NN: \(error)")
      return nil
    }
  }

  /// Returns features and labels of the images that can be read.
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
  /// Returns the number of images in a batch: the global crops of the engine's pass, so that none
  /// of it is wasted, with a limit on memory.
  private static func batch(_ recipe: Recipe) -> Int {
    min(2 * recipe.train.batchSizePerGPU, 256)
  }

  /// Returns the number of images to decode ahead.
  private static func ahead(_ batch: Int) -> Int { min(batch, 64) }

  /// Returns the most bytes that a measurement takes in addition to the engine.
  ///
  /// - Parameters:
  ///   - bank, queries: the numbers of images.
  ///   - width: the width of the network's features.
  /// - Returns: the bytes for learned features, and those for raw pixels, which are measured once.
  static func mostBytes(
    _ recipe: Recipe, bank: Int, queries: Int, width: Int
  ) -> (learned: Int, raw: Int) {
    let (side, channels) = (recipe.crops.globalCropsSize, recipe.data.channels)
    let (batch, most) = (batch(recipe), max(bank, queries))
    let views = min(batch, most) + PixelLoader.slots(ahead: ahead(batch), count: most)
    // During the search for neighbours, features exist twice: here and in the backend's memory.
    func bytes(_ width: Int) -> Int {
      4
        * max(
          views * channels * side * side + (bank + queries) * width, 2 * (bank + queries) * width)
    }
    return (bytes(width), bytes(RawPixels.width(side, channels: channels)))
  }
}
