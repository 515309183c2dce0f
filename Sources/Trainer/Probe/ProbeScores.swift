import Crops
import Engine
import Evaluation
import Features
import Kernels
import Recipe
import Run
import Tensor

/// Measures scores of features that need no labels, on the same images each time.
///
/// See `FeatureQuality`, `ViewQuality`, `DenseQuality` and `NeighbourStability` for their definitions.
final class ProbeScores {
  private let images: any ImageSource
  private let views: AugmentedViews
  private let dense: ImageViews
  private let reader: ProbeReader
  private let threads: Int
  private let pictures: ProbePictures?
  /// What the last measurement has pictured.
  private(set) var pictured: [ProbePicture] = []
  /// The images and the views of each from which LiDAR is computed, as in its common implementations.
  static let lidarImages = 100
  static let lidarViews = 10
  /// The images whose patches are compared.
  static let denseImages = 64

  /// - Parameters:
  ///   - images: the images that are scored; the first of them are looked at more closely.
  ///   - view: how an image is prepared.
  init(
    _ images: any ImageSource, view: EvaluationView, recipe: Recipe, reader: ProbeReader
  ) {
    func first(_ count: Int) -> any ImageSource {
      SubsetSource(images, indices: Array(0..<min(count, images.count)))
    }
    views = AugmentedViews(
      GlobalCrops(first(Self.lidarImages), recipe: recipe, views: Self.lidarViews))
    dense = ImageViews(first(Self.denseImages), view: view)
    pictures =
      recipe.probe.pictures == 0
      ? nil
      : ProbePictures(
        images, view: view, dense: dense.count, count: recipe.probe.pictures,
        patch: recipe.student.patchSize)
    self.images = images
    self.reader = reader
    threads = recipe.session.threads
  }

  /// Returns the scores of a student's EMA. One that cannot be computed is missing, and the reason is
  /// reported.
  ///
  /// - Parameters:
  ///   - rows: the CLS features of the scored images that could be read.
  ///   - previous: the neighbours that the probe before found.
  /// - Returns: the scores, and the neighbours that the next probe compares.
  func measure(
    _ rows: ProbeReader.Rows, of engine: Engine, student: Int, previous: [UInt8]?, step: Int,
    kernels: any Kernels & PairKernels
  ) throws -> (values: [Metric: Double], neighbours: [UInt8]) {
    let before = student == 0 ? pictured : []
    if student == 0 { pictured = [] }
    let width = engine.shape.students[student].network.backbone.embedDim
    let neighbours = try NeighbourStability(
      rows.features, of: rows.images.map(images.key), width: width, kernels: kernels)
    var values: [Metric: Double] = [:]
    values[.neighbourStability] =
      previous.flatMap(NeighbourStability.init).flatMap(neighbours.agreement)
    let scores: [() throws -> [Metric: Double]] = [
      { try Self.spectrum(rows.features, width, kernels) },
      { try self.lidar(engine, student, width, kernels) },
      { try self.patches(engine, student, width, step, before, kernels) },
      { try self.look(engine, student, rows, width, step) },
    ]
    var missing: String?
    for score in scores {
      do {
        values.merge(try score()) { $1 }
      } catch let error as EvaluationError {
        missing = "\(error)"
      } catch let error as FeatureError {
        missing = "\(error)"
      }
    }
    reader.report(.measurement, missing.map { "a score without labels is missing: \($0)" })
    return (values, neighbours.bytes)
  }

  private static func spectrum(
    _ rows: [Float], _ width: Int, _ kernels: any Kernels
  ) throws -> [Metric: Double] {
    let quality = try FeatureQuality(rows, width: width, kernels: kernels)
    var values: [Metric: Double] = [.rankMe: quality.rankMe, .codingRate: quality.codingRate]
    values[.alphaReQ] = quality.alpha
    return values
  }

  private func lidar(
    _ engine: Engine, _ student: Int, _ width: Int, _ kernels: any Kernels
  ) throws -> [Metric: Double] {
    let found = try reader.rows(views, isRepeated: true) {
      engine.embed($0, by: .average, student: student)
    }
    // An image counts if all of its views were read.
    var read: [Int: Int] = [:]
    for view in found.images { read[view / views.each, default: 0] += 1 }
    var features: [Float] = []
    for (row, view) in found.images.enumerated() where read[view / views.each] == views.each {
      features += found.features[row * width..<(row + 1) * width]
    }
    return [
      .lidar: try ViewQuality.lidar(
        features, views: views.each, width: width, kernels: kernels)
    ]
  }

  private func patches(
    _ engine: Engine, _ student: Int, _ width: Int, _ step: Int, _ before: [ProbePicture],
    _ kernels: any Kernels & PairKernels
  ) throws -> [Metric: Double] {
    let found = try reader.rows(dense, isRepeated: true) {
      engine.embed($0, .patches, by: .average, student: student)
    }
    if student == 0, let pictures {
      pictured += try pictures.components(
        found, width: width, step: step, kernels: kernels, before: before)
    }
    let pool = WorkerPool(threads: threads)
    defer { pool.stop() }
    let quality = try DenseQuality(
      found.features, patches: engine.shape.globalCrops.patchesEach, width: width,
      kernels: kernels, pool: pool)
    return [.denseSeparation: quality.separation, .denseDimensions: quality.dimensions]
  }

  /// Pictures what the first student attends to, and which images it and its prototypes find alike. Measures
  /// nothing.
  private func look(
    _ engine: Engine, _ student: Int, _ rows: ProbeReader.Rows, _ width: Int, _ step: Int
  ) throws -> [Metric: Double] {
    guard student == 0, let pictures else { return [:] }
    pictured += pictures.neighbours(rows, width: width, step: step)
    pictured += pictures.prototypes(rows, step: step) {
      engine.forEachLogits(of: rows.features, student: student, $0)
    }
    let attention = try reader.rows(pictures.shown, isRepeated: true) {
      engine.clsAttention($0, by: .average)
    }
    pictured += pictures.attention(attention, step: step)
    return [:]
  }

  /// Returns the images that are pictured, for the first probe of a run.
  func originals(step: Int) throws -> [ProbePicture] { try pictures?.originals(step: step) ?? [] }

  /// Takes what an earlier daemon has pictured, so that colours stay.
  func goOn(from pictures: [ProbePicture]) { pictured = pictures }

  /// Returns the random views that a measurement reads, at most.
  static func mostViews(_ images: Int) -> Int { min(lidarImages, images) * lidarViews }

  /// Returns the most bytes of features that a measurement holds, if the network's are of a width.
  static func mostBytes(images: Int, patches: Int, width: Int) -> Int {
    // Those of all images stay; others exist as read, normalised, and in a backend's memory, and in double
    // precision while their spectrum is computed, which takes twice as much.
    let most = max(images, mostViews(images), min(denseImages, images) * patches)
    return 4 * width * (images + 5 * most)
  }
}
