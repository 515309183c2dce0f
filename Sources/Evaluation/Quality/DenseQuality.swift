import Kernels
import Neighbours
import Tensor

/// How well patch features part the contents of images, without labels.
///
/// The dense representation structure estimator, DSE (NeurIPS 2025, arXiv 2510.17299). Its parts are kept
/// apart, since it weighs them by how much they vary over a run's checkpoints (`ProbeRanking`). Scores of
/// images alone say little of patches, which are known to get worse late in a run.
package struct DenseQuality: Sendable, Equatable {
  /// M_inter − M_intra: how far tokens are from the clusters that are not theirs, less how wide clusters
  /// are; in units of the tokens' mean distance to their mean.
  package let separation: Double
  /// M_dim: the effective rank of tokens at one position of all images, as a share of the most.
  package let dimensions: Double

  /// How many images share clusters, and how many clusters these and a single image have.
  private static let group = 8
  private static let groupClusters = 24
  private static let imageClusters = 3
  private static let iterations = 20

  /// Measures patch features [images, patches, width].
  ///
  /// Throws `EvaluationError` if there are fewer than eight images, fewer than three patches, or features
  /// that are not finite or all equal, and an error of memory if that cannot be reserved.
  ///
  /// - Parameter seed: for the clusters' start and the tokens that are drawn.
  package init(
    _ features: [Float], patches: Int, width: Int, seed: UInt64 = 0,
    kernels: any Kernels & PairKernels, pool: WorkerPool
  ) throws {
    let images = features.count / (patches * width)
    guard images >= Self.group, patches >= Self.imageClusters else {
      throw EvaluationError(
        "\(Self.group) images of \(Self.imageClusters) patches at least are compared")
    }
    let tokens = FeatureRows.normalised(features, width)
    let spread = Self.spread(tokens, width)
    guard spread.isFinite, spread > 1e-6 else {
      throw EvaluationError("the features of patches are not finite, or all are equal")
    }
    let clusters = TokenClusters(
      width: width, iterations: Self.iterations, seed: seed, kernels: kernels, pool: pool)
    var (between, within, groups, single) = (0.0, 0.0, 0, 0.0)
    let each = patches * width
    for first in stride(from: 0, through: images - Self.group, by: Self.group) {
      let part = Array(tokens[first * each..<(first + Self.group) * each])
      let found = try clusters.find(part, min(Self.groupClusters, Self.group * patches / 2))
      between += found.distanceToOthers(part)
      within += try clusters.breadth(part, found.labels, count: found.count)
      groups += 1
      for image in 0..<Self.group {
        let own = Array(part[image * each..<(image + 1) * each])
        let found = try clusters.find(own, Self.imageClusters)
        single += try clusters.breadth(own, found.labels, count: found.count)
      }
    }
    let intra = (within / Double(groups) + single / Double(groups * Self.group)) / 2
    separation = (between / Double(groups) - intra) / spread
    dimensions = try Self.dimensions(
      tokens, images: images, patches: patches, width: width, seed: seed, kernels)
  }

  /// Returns the mean distance of tokens to their mean.
  static func spread(_ tokens: [Float], _ width: Int) -> Double {
    let count = tokens.count / width
    var mean = [Double](repeating: 0, count: width)
    for place in tokens.indices { mean[place % width] += Double(tokens[place]) / Double(count) }
    var sum = 0.0
    for first in stride(from: 0, to: tokens.count, by: width) {
      sum += (0..<width).reduce(0.0) {
        let difference = Double(tokens[first + $1]) - mean[$1]
        return $0 + difference * difference
      }.squareRoot()
    }
    return sum / Double(count)
  }

  /// Returns M_dim: for each position a random token of each image, and the mean over the positions.
  private static func dimensions(
    _ tokens: [Float], images: Int, patches: Int, width: Int, seed: UInt64, _ kernels: any Kernels
  ) throws -> Double {
    let plan = ArenaPlan(for: kernels.device)
    let rows = plan.matrix(images, width)
    try kernels.reserve(plan)
    var sum = 0.0
    for position in 0..<patches {
      var chosen: [Float] = []
      for image in 0..<images {
        var random = CounterRandom(seed: seed, use: .probe, position, image)
        let first = (image * patches + random.below(patches)) * width
        chosen += tokens[first..<first + width]
      }
      kernels.upload(chosen, to: rows.buffer)
      let values = kernels.spectrum(rows, isCentred: false).map { max($0, 0).squareRoot() }
      let most = min(images, width)
      sum += Entropy.exponential(of: values.prefix(most), epsilon: 1e-12) / Double(most)
    }
    return sum / Double(patches)
  }
}
