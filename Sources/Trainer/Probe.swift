import Crops
import Engine
import Evaluation
import Kernels
import Recipe
import Run

/// How well the features of a student's average, for most runs the teacher, tell classes apart that it was never told of, beside what raw
/// pixels and the untrained network give on the same images.
final class Probe {
  private let bank: LabelledImages
  private let queries: LabelledImages
  private let judge: KNearestNeighbours
  private let makeKernels: () -> any Kernels
  /// What does not change while a run goes on; measured once, kept in its history.
  var baselines: [Metric: Double] = [:]

  /// Images that are looked at together.
  private static let chunk = 256
  /// Raw pixels are compared at this side at most, as thumbnails.
  private static let thumbnail = 64

  init(
    bank: LabelledImages, queries: LabelledImages, recipe: Recipe,
    makeKernels: @escaping () -> any Kernels
  ) {
    self.bank = bank
    self.queries = queries
    self.makeKernels = makeKernels
    judge = KNearestNeighbours(
      k: recipe.probe.k, temperature: Float(recipe.probe.temperature))
  }

  var images: Int { queries.count }
  var classes: Int { queries.classes }

  /// Accuracies of the untrained network, of a frozen teacher and of raw pixels; the engine holds
  /// untrained weights.
  func measureBaselines(_ engine: Engine) throws {
    baselines[.knnUntrained] = try accuracy { engine.embed($0, by: .average) }
    if engine.shape.frozenTeacher != nil {
      baselines[.knnTeacher] = try accuracy { engine.embed($0, by: .teacher) }
    }
    let size = queries.size
    baselines[.knnRawPixels] = try accuracy { Self.thumbnails($0, size: size) }
  }

  /// The accuracy of what a student has learned, beside the baselines; the untrained network was the
  /// first student's.
  func evaluate(_ engine: Engine, student: Int) throws -> [Metric: Double] {
    var values = student == 0 ? baselines : baselines.filter { $0.key != .knnUntrained }
    values[.knnLearned] = try accuracy { engine.embed($0, by: .average, student: student) }
    return values
  }

  private func accuracy(_ features: ([Float]) -> [Float]) throws -> Double {
    func all(_ images: LabelledImages) -> [Float] {
      var all: [Float] = []
      for start in stride(from: 0, to: images.count, by: Self.chunk) {
        all += features(images.views(start..<min(start + Self.chunk, images.count)))
      }
      return all
    }
    return try judge.accuracy(
      bank: all(bank), bankLabels: bank.labels, queries: all(queries),
      queryLabels: queries.labels, classes: queries.classes, kernels: makeKernels())
  }

  /// Bytes on top of the engine that looking at `bank` and `queries` images takes at the most: of
  /// features of `width`, and of the raw pixels of views of `size`, which are asked for once.
  static func mostBytes(bank: Int, queries: Int, size: Int, width: Int) -> (learned: Int, raw: Int)
  {
    let views = min(chunk, max(bank, queries)) * 3 * size * size
    let side = size / ((size + thumbnail - 1) / thumbnail)
    // Features are there twice, once among the judge's.
    func bytes(_ width: Int) -> Int {
      4 * max(views + (bank + queries) * width, 2 * (bank + queries) * width)
    }
    return (bytes(width), bytes(3 * side * side))
  }

  /// Views [n, 3, size, size], averaged over squares down to at most `thumbnail` a side.
  static func thumbnails(_ views: [Float], size: Int) -> [Float] {
    let cell = (size + thumbnail - 1) / thumbnail
    guard cell > 1 else { return views }
    let side = size / cell
    let planes = views.count / (size * size)
    var result = [Float](repeating: 0, count: planes * side * side)
    let share = 1 / Float(cell * cell)
    for plane in 0..<planes {
      for y in 0..<side * cell {
        let row = (plane * size + y) * size
        let target = (plane * side + y / cell) * side
        for x in 0..<side * cell { result[target + x / cell] += views[row + x] * share }
      }
    }
    return result
  }
}
