#if canImport(Glibc)
  import Glibc
#endif
import Run
import Schedule
import Support

/// Says in one sentence whether a run learns, with the evidence: the probe's accuracies beside what the
/// untrained network and raw pixels reach, scores without labels, or, before there is a probe, the loss
/// beside what chance gives.
package struct LearningLine: Sendable {
  /// The sentence, and the role that determines its colour.
  package let text: String
  package let role: Role

  /// The difference of k-NN from which features count as better than the untrained network's.
  private static let margin = 0.02

  /// Judges a run by all that is known of it; `nil` for one that trains nothing.
  package init?(_ record: RunRecord) {
    guard record.status.kind == nil else { return nil }
    let results = record.evaluations.filter { $0.name == ProbeResult.knn }
    let learning = Learning(results, steps: record.status.steps)
    guard !learning.isProblem else {
      (text, role) = ("✗ \(learning.reason)", .warn)
      return
    }
    let measured = results.filter { $0.step > 0 }
    if let last = measured.last,
      let found = Self.byLabels(last, measured, results) ?? Self.byScores(last)
    {
      (text, role) = found
    } else if let sample = record.samples.last, let global = sample[.dinoGlobalCropsLoss],
      global > 0,
      let prototypes = record.status.prototypes, prototypes > 1
    {
      // Both are shares of one mean over all pairs of crops.
      let loss = global + (sample[.dinoLocalCropsLoss] ?? 0)
      let chance = log(Double(prototypes))
      text =
        "too early to tell whether it learns: dino losses \(Format.decimals(loss, 2)), by chance "
        + Format.decimals(chance, 2)
      role = .dim
    } else {
      (text, role) = ("too early to tell whether it learns", .dim)
    }
  }

  private static func byLabels(
    _ last: ProbeResult, _ measured: [ProbeResult], _ all: [ProbeResult]
  ) -> (String, Role)? {
    guard let now = last.values[.knnLearned] else { return nil }
    func baseline(_ metric: Metric) -> Double? {
      all.last { $0.values[metric] != nil }?.values[metric]
    }
    let others = [("untrained", baseline(.knnUntrained)), ("raw pixels", baseline(.knnRawPixels))]
      .compactMap { name, value in value.map { "\(name) \(Format.percent($0))" } }
    let evidence = (["k-NN \(Format.percent(now))"] + others).joined(separator: ", ")
    guard let untrained = baseline(.knnUntrained) else { return (evidence, .text) }
    let better = measured.reversed().prefix {
      ($0.values[.knnLearned] ?? 0) > untrained + margin
    }
    guard let since = better.last?.step else {
      return ("not yet better than untrained: \(evidence)", .text)
    }
    return ("it learns, since step \(Format.count(since)): \(evidence)", .good)
  }

  private static func byScores(_ last: ProbeResult) -> (String, Role)? {
    guard let rank = last.values[.rankMe] else { return nil }
    let lidar = last.values[.lidar].map { ", LiDAR \(Format.decimals($0, 1))" } ?? ""
    return ("without labels: RankMe \(Format.decimals(rank, 1))\(lidar)", .text)
  }
}
