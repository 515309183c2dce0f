import Crops
import Engine
import Evaluation
import Features
import Images
import Kernels
import Recipe
import Run

/// Measures during a run how good features are: by k-NN how well they separate the classes of held-out
/// images, where there are labels, and by scores that need none.
///
/// It evaluates the EMA of each student (which is the teacher in pre-training) and, as baselines of k-NN,
/// raw pixels, the untrained network and the teacher of a distillation.
final class Probe {
  private let labelled: ProbeSplit.Labelled?
  private let scored: any ImageSource
  private let view: EvaluationView
  private let kNN: KNearestNeighbours
  private let linear: ProbeLinear?
  private let segmentation: ProbeSegmentation?
  private let reader: ProbeReader
  let scores: ProbeScores?
  private let makeKernels: () -> any Kernels & PairKernels
  /// The accuracies that do not change during a run. They are measured once and kept in its
  /// history.
  var baselines: [Metric: Double] = [:]
  /// The images whose classes were predicted at the last measurement, or that were scored.
  private(set) var images = 0
  /// The neighbours that the last measurement found, for the next to compare; `nil` without scores.
  private(set) var neighbours: [UInt8]?

  /// - Parameters:
  ///   - makeKernels: makes a backend for the search of neighbours.
  ///   - onProblem: called when images cannot be read, again only if the problem changes.
  init(
    _ split: ProbeSplit, recipe: Recipe, makeKernels: @escaping () -> any Kernels & PairKernels,
    onProblem: @escaping (String) -> Void
  ) {
    labelled = split.labelled
    scored = split.scored
    view = EvaluationView(
      probing: recipe.crops.globalCropsSize, format: SampleFormat(recipe),
      mean: recipe.data.mean.map(Float.init), std: recipe.data.std.map(Float.init))
    kNN = KNearestNeighbours(
      k: recipe.probe.k, temperature: Float(recipe.probe.temperature))
    linear = ProbeLinear(split.labelled, recipe)
    reader = ProbeReader(recipe, onProblem: onProblem)
    segmentation = ProbeSegmentation(recipe, view: view, reader: reader)
    scores =
      recipe.probe.labelFree
      ? ProbeScores(scored, view: view, recipe: recipe, reader: reader) : nil
    self.makeKernels = makeKernels
  }

  /// Whether k-NN is measured, which has baselines.
  var hasLabels: Bool { labelled != nil }
  /// The number of classes; 0 without labels.
  var classes: Int { labelled?.queries.classes.count ?? 0 }

  /// Measures raw pixels and the teacher of a distillation, and keeps these baselines.
  ///
  /// - Parameter untrained: the accuracy of the untrained network; `nil` if its weights are gone.
  func measureBaselines(_ engine: Engine, untrained: Double?) throws {
    baselines[.knnUntrained] = untrained
    if engine.shape.frozenTeacher != nil {
      baselines[.knnTeacher] = try classify { engine.embed($0, by: .teacher) }?.accuracy
    }
    let side = view.size.width
    baselines[.knnRawPixels] = try classify { RawPixels.features($0, size: side) }?.accuracy
  }

  /// Returns the accuracy of a student's EMA; `nil` without labels.
  func accuracy(_ engine: Engine) throws -> Double? {
    try classify { engine.embed($0, by: .average) }?.accuracy
  }

  /// Returns whether all files of the probe's images can be found.
  func isReadable() -> Bool {
    for source in [labelled?.bank.images, scored].compactMap(\.self) {
      for index in 0..<source.count {
        do {
          _ = try source.image(index)
        } catch {
          if DataOutage.isOutage(error) { return false }
        }
      }
    }
    return segmentation?.isReadable() ?? true
  }

  /// Returns what is measured of a student's EMA, and the baselines; the untrained network is a
  /// baseline of the first student only. What cannot be measured is missing.
  ///
  /// - Parameters:
  ///   - step: the present step.
  ///   - previous: the neighbours that the probe before found; `nil` if there is none.
  func evaluate(
    _ engine: Engine, student: Int, step: Int, previous: [UInt8]? = nil
  ) throws -> [Metric: Double] {
    neighbours = nil
    var values = student == 0 ? baselines : baselines.filter { $0.key != .knnUntrained }
    func embed(_ views: [Float]) -> [Float] {
      engine.embed(views, by: .average, student: student)
    }
    var rows: ProbeReader.Rows?
    if labelled != nil {
      let found = try classify(embed)
      values[.knnLearned] = found?.accuracy
      values[.linearLearned] = try found.flatMap {
        try linear?.accuracy(bank: $0.bank, queries: $0.queries, kernels: makeKernels())
      }
      rows = found?.queries
    } else if scores != nil {
      rows = try score(embed)
    }
    if let rows, let scores {
      let found = try scores.measure(
        rows, of: engine, student: student, previous: previous, step: step,
        kernels: makeKernels())
      values.merge(found.values) { $1 }
      neighbours = found.neighbours
    }
    if let segmentation {
      let found = try segmentation.measure(engine, student: student, kernels: makeKernels())
      values.merge(found) { $1 }
    }
    return values
  }

  /// Returns the accuracy of k-NN with features that `embed` computes from views [n, channels, H, W], and the
  /// features; `nil` if none of the images can be read, or without labels.
  private func classify(
    _ embed: (_ views: [Float]) -> [Float]
  ) throws -> (accuracy: Double, bank: ProbeReader.Rows, queries: ProbeReader.Rows)? {
    guard let labelled else { return nil }
    reader.begin()
    do {
      let bank = try reader.rows(ImageViews(labelled.bank.images, view: view), embed)
      let queries = try reader.rows(ImageViews(labelled.queries.images, view: view), embed)
      reader.end()
      images = queries.images.count
      let accuracy = try kNN.accuracy(
        bank: bank.features, bankLabels: bank.images.map { labelled.bank.labels[$0] },
        queries: queries.features, queryLabels: queries.images.map { labelled.queries.labels[$0] },
        classes: classes, kernels: makeKernels())
      return (accuracy, bank, queries)
    } catch let error as FeatureError {
      reader.report(.measurement, "no k-NN: \(error)")
      return nil
    }
  }

  /// Returns the features of the images that are scored; `nil` if none can be read.
  private func score(
    _ embed: (_ views: [Float]) -> [Float]
  ) throws -> ProbeReader.Rows? {
    reader.begin()
    do {
      let found = try reader.rows(ImageViews(scored, view: view), embed)
      reader.end()
      images = found.images.count
      return found
    } catch let error as FeatureError {
      reader.report(.measurement, "no scores: \(error)")
      return nil
    }
  }
}

extension Probe {
  /// Returns the most bytes that a measurement takes in addition to the engine.
  ///
  /// - Parameters:
  ///   - bank: the number of images that vote; 0 without labels.
  ///   - scored: the number of images that are classified or scored.
  ///   - classes: the number of classes.
  ///   - width: that of the network's features.
  /// - Returns: the bytes for learned features, and those for raw pixels, which are measured once.
  static func mostBytes(
    _ recipe: Recipe, bank: Int, scored: Int, classes: Int, width: Int
  ) -> (learned: Int, raw: Int) {
    let (side, channels) = (recipe.crops.globalCropsSize, recipe.data.channels)
    let random = recipe.probe.labelFree ? ProbeScores.mostViews(scored) : 0
    let views = ProbeReader.mostViews(recipe, count: max(bank, scored, random))
    // During the search for neighbours, features exist twice: here and in the backend's memory.
    func bytes(_ width: Int) -> Int {
      4 * max(views * channels * side * side + (bank + scored) * width, 2 * (bank + scored) * width)
    }
    let patches = (side / recipe.student.patchSize) * (side / recipe.student.patchSize)
    let scores =
      recipe.probe.labelFree
      ? ProbeScores.mostBytes(images: scored, patches: patches, width: width)
        + 4 * views * channels * side * side : 0
    let linear =
      bank == 0
      ? 0
      : 4 * (bank + scored) * width
        + ProbeLinear.mostBytes(recipe, classes: classes, width: width)
    return (
      max(bytes(width), scores, linear, ProbeSegmentation.mostBytes(recipe, width: width)),
      bank == 0 ? 0 : bytes(RawPixels.width(side, channels: channels))
    )
  }
}
