import Crops
import Engine
import Evaluation
import Features
import Images
import Kernels
import Recipe
import Run
import Support

/// Measures how well a linear classifier of patch tokens finds the classes of masks.
///
/// It is trained anew at each probe, by `LinearEvaluation`, on three quarters of the images of `probe.masks_path`, of
/// which a tenth chooses the learning rate. The other quarter measures.
final class ProbeSegmentation {
  private let folder: SegmentationFolder
  private let view: EvaluationView
  private let patch: Int
  private let reader: ProbeReader
  /// What patches are of; read at the first measurement.
  private var patches: SegmentationFolder.Patches?
  /// The images that measure, and those that choose the learning rate.
  private let measuring: Set<Int>
  private let choosing: Set<Int>

  /// The most patches, which bounds memory and time, and the fewest images.
  private static let (mostPatches, fewestImages) = (1 << 15, 8)
  private static let measured = 0.25
  private static let (iterations, batch) = (1000, 512)
  /// In so few iterations, smaller rates learn nothing.
  private static let rates = LinearGrid.rates.filter { $0 >= 1e-3 }

  /// `nil` if the recipe names no masks, or if they cannot be used, which is reported. A run begins only if `check`
  /// has found no fault; later it goes on without them.
  init?(_ recipe: Recipe, view: EvaluationView, reader: ProbeReader) {
    do {
      guard let folder = try Self.open(recipe) else { return nil }
      self.folder = folder
    } catch {
      reader.report(.segmentation, "no segmentation: \(error)")
      return nil
    }
    patch = recipe.student.patchSize
    let keys = (0..<folder.images.count).map(folder.images.key)
    let held = HoldOut.share(Self.measured, of: keys)
    let others = keys.indices.filter { !held.contains($0) }
    let tested = Set(held.isEmpty ? [others[0]] : held)
    measuring = tested
    let fitting = others.filter { !tested.contains($0) }
    let chosen = HoldOut.split(
      keys: fitting.map { keys[$0] }, labels: fitting.map { _ in 0 }, classes: 1, for: .validation
    ).held
    choosing = Set(chosen.map { fitting[$0] })
    (self.view, self.reader) = (view, reader)
  }

  /// Throws if the recipe names masks that cannot be used.
  static func check(_ recipe: Recipe) throws { _ = try open(recipe) }

  private static func open(_ recipe: Recipe) throws -> SegmentationFolder? {
    let path = recipe.probe.masksPath
    guard recipe.probe.every > 0, !path.isEmpty else { return nil }
    let folder = try SegmentationFolder(path: path, most: mostImages(recipe))
    guard folder.images.count >= fewestImages else {
      throw FeatureError(
        "\(path): has \(Format.count(folder.images.count, "image")) with masks; the probe needs \(fewestImages)"
      )
    }
    return folder
  }

  /// Returns the mean intersection over union of a student's average on the grid of patches; `nil` if it cannot be
  /// measured, which is reported.
  func measure(
    _ engine: Engine, student: Int, kernels: any Kernels
  ) throws -> [Metric: Double] {
    do {
      let known = try patches ?? folder.patches(view, patch: patch)
      patches = known
      let found = try reader.rows(ImageViews(folder.images, view: view), isRepeated: true) {
        engine.embed($0, .patches, by: .average, student: student)
      }
      let width = engine.shape.students[student].network.backbone.embedDim
      let value = try meanIoU(found, known, width, kernels)
      reader.report(.segmentation, nil)
      return value.map { [.segmentationMIoU: $0] } ?? [:]
    } catch let error as FeatureError {
      reader.report(.segmentation, "no segmentation: \(error)")
    } catch let error as ImageError {
      reader.report(.segmentation, "no segmentation: \(error)")
    }
    return [:]
  }

  private func meanIoU(
    _ found: ProbeReader.Rows, _ known: SegmentationFolder.Patches, _ width: Int,
    _ kernels: any Kernels
  ) throws -> Double? {
    let each = known.labels.count / folder.images.count
    var (train, test) = (LabelledTokens(width), LabelledTokens(width))
    var validation: [Int] = []
    for (row, image) in found.images.enumerated() {
      for place in 0..<each where known.labels[image * each + place] >= 0 {
        let from = (row * each + place) * width
        let token = found.features[from..<from + width]
        let label = known.labels[image * each + place]
        guard !measuring.contains(image) else {
          test.append(token, label)
          continue
        }
        if choosing.contains(image) { validation.append(train.labels.count) }
        train.append(token, label)
      }
    }
    let chosen = Set(validation)
    let fitting = train.labels.indices.filter { !chosen.contains($0) }
    guard !fitting.isEmpty, !validation.isEmpty, !test.labels.isEmpty else { return nil }
    var linear = LinearEvaluation()
    (linear.iterations, linear.batch) = (Self.iterations, min(Self.batch, fitting.count))
    let outcome = try linear.run(
      train: train.part, fitting: fitting, validation: validation, test: test.part,
      grid: LinearGrid(clsOf: width, batch: linear.batch, rates: Self.rates),
      classes: known.classes, kernels: kernels)
    return ConfusionMatrix(
      outcome.predictions, labels: test.labels, classes: (0..<known.classes).map(String.init)
    ).meanIntersectionOverUnion
  }

  /// Returns whether all images can be found.
  func isReadable() -> Bool {
    (0..<folder.images.count).allSatisfy { index in
      do {
        _ = try folder.images.image(index)
        return true
      } catch {
        return !DataOutage.isOutage(error)
      }
    }
  }

  private static func mostImages(_ recipe: Recipe) -> Int {
    let side = recipe.crops.globalCropsSize / recipe.student.patchSize
    return max(fewestImages, mostPatches / (side * side))
  }

  /// Returns the most bytes that a measurement takes; 0 without masks.
  static func mostBytes(_ recipe: Recipe, width: Int) -> Int {
    guard !recipe.probe.masksPath.isEmpty else { return 0 }
    let side = recipe.crops.globalCropsSize / recipe.student.patchSize
    var linear = LinearEvaluation()
    linear.batch = batch
    // As read, divided, and the part that chooses.
    return 4 * 3 * mostImages(recipe) * side * side * width
      + linear.mostBytes(width: width, classes: SegmentationFolder.mostClasses, rates: rates.count)
  }
}

/// Tokens and their classes, while they are collected.
private struct LabelledTokens {
  private let width: Int
  private var values: [Float] = []
  private(set) var labels: [Int] = []

  init(_ width: Int) { self.width = width }

  mutating func append(_ token: ArraySlice<Float>, _ label: Int) {
    values += token
    labels.append(label)
  }

  var part: LinearEvaluation.Part {
    .init(
      FeatureTable(embedDim: width, layers: 1, hasPooled: false, rows: values), labels: labels)
  }
}
