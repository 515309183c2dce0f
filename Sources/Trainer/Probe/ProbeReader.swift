import Crops
import Features
import Recipe

/// Reads the probe's images and computes features of them.
final class ProbeReader {
  private let batch: Int
  private let threads: Int
  private let onProblem: (String) -> Void
  /// What was reported last of each kind of problem, so that it is reported only once.
  private var reported: [Problem: String] = [:]
  /// The images of this measurement, and those of them that cannot be read.
  private var total = 0
  private var problems: [PixelLoader.Problem] = []

  /// The kinds of problems.
  enum Problem {
    /// Images cannot be read.
    case images
    /// Something cannot be measured.
    case measurement
    /// Patches cannot be compared with masks.
    case segmentation
  }

  /// Features of the images that can be read.
  struct Rows {
    /// [images.count, width]
    let features: [Float]
    /// The image of each row.
    let images: [Int]
  }

  /// - Parameter onProblem: called when images cannot be read, again only if the problem changes.
  init(_ recipe: Recipe, onProblem: @escaping (String) -> Void) {
    batch = Self.batch(recipe)
    threads = BatchLoader.threads(recipe)
    self.onProblem = onProblem
  }

  /// Returns features that `embed` computes from views [n, channels, H, W]. Throws `DataOutage` if the system
  /// cannot read an image, and `FeatureError` if none is an image.
  ///
  /// - Parameter isRepeated: whether the images were read for this measurement before, so that those that
  ///   cannot be read are known.
  func rows(
    _ source: any PixelSource, isRepeated: Bool = false, _ embed: (_ views: [Float]) -> [Float]
  ) throws -> Rows {
    do {
      let (table, problems) = try PixelBatches(
        source, size: batch, ahead: Self.ahead(batch), threads: threads
      ).table(by: embed)
      // To leave these out would compare the features of other images with earlier ones.
      if let outage = problems.first(where: \.isOutage) {
        throw DataOutage(index: outage.index, reason: outage.reason)
      }
      if !isRepeated {
        total += source.count
        self.problems += problems
      }
      return Rows(features: table.cls, images: table.images)
    } catch let error as FeatureError where error.isOutage {
      throw DataOutage(index: 0, reason: "\(error)")
    }
  }

  /// Begins a measurement. The one before may have been given up.
  func begin() { (total, problems) = (0, []) }

  /// Ends a measurement: reports the images that could not be read, if they are not those of the last one.
  func end() {
    report(
      .images,
      problems.first.map {
        "\(problems.count) of the probe's \(total) images cannot be read and are left out; the first: "
          + $0.reason
      })
  }

  /// Reports a problem, if it is not the last one of its kind again; `nil` for none.
  func report(_ kind: Problem, _ problem: String?) {
    if let problem, problem != reported[kind] { onProblem(problem) }
    reported[kind] = problem
  }
}

extension ProbeReader {
  /// Returns the number of images in a batch: the global crops of the engine's pass, so that none
  /// of it is wasted, with a limit on memory.
  private static func batch(_ recipe: Recipe) -> Int {
    min(2 * recipe.train.batchSizePerGPU, 256)
  }

  /// Returns the number of images to decode ahead.
  private static func ahead(_ batch: Int) -> Int { min(batch, 64) }

  /// Returns the most images of `count` whose pixels are in memory at a time.
  static func mostViews(_ recipe: Recipe, count: Int) -> Int {
    let batch = batch(recipe)
    return min(batch, count) + PixelLoader.slots(ahead: ahead(batch), count: count)
  }
}
