import Recipe
import Run

/// Ranks a run's checkpoints by what its probe measured. A pure function of the results.
package struct ProbeRanking: Sendable {
  /// What checkpoints are ranked by.
  package let criterion: Recipe.BestBy
  /// The score of each probed step; higher is better.
  package let scores: [Int: Double]

  /// The scores without labels whose ranks are averaged, apart from DSE.
  private static let imageScores: [Metric] = [.rankMe, .lidar]

  /// Ranks the results of a run's main probe. `auto` is k-NN where it was measured, else `label_free`.
  ///
  /// Scores without labels count from a fifth of the steps so far: an untrained network may have high ones.
  package init(_ results: [ProbeResult], by asked: Recipe.BestBy) {
    let results = results.filter { $0.name == ProbeResult.knn && $0.step > 0 }
    let hasKNN = results.contains { $0.values[.knnLearned] != nil }
    criterion = asked == .auto ? (hasKNN ? .knn : .labelFree) : asked
    let first = (results.map(\.step).max() ?? 0) / 5
    let settled = results.filter { $0.step >= first }
    scores =
      switch criterion {
      case .auto, .labelFree: Self.meanRanks(settled)
      case .knn: Self.values(results, .knnLearned)
      case .linear: Self.values(results, .linearLearned)
      case .segmentation: Self.values(results, .segmentationMIoU)
      case .rankMe: Self.values(settled, .rankMe)
      case .lidar: Self.values(settled, .lidar)
      case .dense: Self.denseScores(settled)
      }
  }

  /// The steps from the best to the worst; of equal ones the later first.
  package var steps: [Int] {
    scores.sorted { ($0.value, $0.key) > ($1.value, $1.key) }.map(\.key)
  }

  private static func values(_ results: [ProbeResult], _ metric: Metric) -> [Int: Double] {
    let found = results.compactMap { result in result.values[metric].map { (result.step, $0) } }
    return Dictionary(found, uniquingKeysWith: { $1 })
  }

  /// Returns DSE by step: separation + λ · dimensions, where λ is the standard deviation of the first over that
  /// of the second, over all of the results. NeurIPS 2025, arXiv 2510.17299.
  package static func denseScores(_ results: [ProbeResult]) -> [Int: Double] {
    let both = results.compactMap { result -> (step: Int, Double, Double)? in
      guard let separation = result.values[.denseSeparation],
        let dimensions = result.values[.denseDimensions]
      else { return nil }
      return (result.step, separation, dimensions)
    }
    let spread = deviation(both.map(\.2))
    let weight = spread > 0 ? deviation(both.map(\.1)) / spread : 0
    return Dictionary(both.map { ($0.step, $0.1 + weight * $0.2) }, uniquingKeysWith: { $1 })
  }

  private static func deviation(_ values: [Double]) -> Double {
    let count = Double(max(values.count, 1))
    let mean = values.reduce(0, +) / count
    return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count).squareRoot()
  }

  /// Returns the mean of each step's ranks by DSE, RankMe and LiDAR, as shares from 0 to 1.
  private static func meanRanks(_ results: [ProbeResult]) -> [Int: Double] {
    let lists =
      ([denseScores(results)] + imageScores.map { values(results, $0) }).filter { !$0.isEmpty }
    let common = lists.dropFirst().reduce(Set(lists.first?.keys.map(\.self) ?? [])) {
      $0.intersection($1.keys)
    }
    var ranks: [Int: Double] = [:]
    for list in lists {
      let ascending = common.sorted { (list[$0]!, $0) < (list[$1]!, $1) }
      for (place, step) in ascending.enumerated() {
        ranks[step, default: 0] += Double(place + 1) / Double(common.count * lists.count)
      }
    }
    return ranks
  }
}

extension ProbeRanking {
  /// How many probes have passed since the best; 0 if the last is the best or there is none.
  package var probesSinceBest: Int {
    guard let best = steps.first else { return 0 }
    return scores.keys.count { $0 > best }
  }
}
