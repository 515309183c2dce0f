import Run
import Support

/// Whether features get better, by a run's probe: its k-NN where there are labels, else scores without them.
package struct Learning: Sendable, Equatable {
  /// What the results show.
  package enum Verdict: Sendable, Equatable {
    /// There are too few results.
    case unknown
    /// Features are better than the untrained network's, and not clearly worse than they were.
    case learning
    /// Features are no better than those of the untrained network.
    case notBetterThanUntrained
    /// The run is past its half, and features are no better than raw pixels.
    case notBetterThanPixels
    /// Features were better before.
    case worse
  }

  package let verdict: Verdict
  /// The evidence in a few words.
  package let reason: String
  /// How features got worse; nil unless they did.
  private let fall: Fall?

  /// A fall from the best result.
  private struct Fall: Equatable {
    /// The results by step.
    let curve: [Point]
    let best: Point
    /// What a result may lie below the best.
    let margin: Double
    /// The number of the last results that show it.
    let shownBy: Int

    struct Point: Equatable {
      let step: Int
      let value: Double
    }
  }

  /// Whether the verdict is one that a person should act on.
  package var isProblem: Bool { verdict != .unknown && verdict != .learning }

  /// The share by which a score without labels has to fall.
  private static let fall = 0.1

  /// - Parameters:
  ///   - results: those of the run's main probe, by ascending step.
  ///   - steps: the run's length.
  package init(_ results: [ProbeResult], steps: Int) {
    let results = results.filter { $0.name == ProbeResult.knn }
    // A run that began with weights has no untrained network, and should stay above what these could do.
    let isRandom = results.contains { $0.values[.knnUntrained] != nil }
    let measured = results.filter {
      ($0.step > 0 || !isRandom) && $0.values[.knnLearned] != nil
    }
    let found =
      measured.isEmpty ? Self.labelFree(results, steps) : Self.labelled(results, measured, steps)
    (verdict, reason, fall) = found ?? (.unknown, "too few probes to tell", nil)
  }

  /// How to undo a phase in which features got worse; nil if they were no better when it began.
  ///
  /// - Parameters:
  ///   - phase: the present phase.
  ///   - step: the present step.
  package func remedy(_ phase: PhaseStatus, step: Int) -> String? {
    let start = step - phase.step
    guard phase.index > 0, let fall, fall.best.step <= start,
      fall.curve.suffix(fall.shownBy).allSatisfy({ $0.step > start }),
      let before = fall.curve.last(where: { $0.step <= start }),
      fall.best.value - before.value <= fall.margin
    else { return nil }
    return "this phase forgets; dino phase NAME back goes to the checkpoint before it"
  }

  /// By k-NN. A difference counts from three standard errors and two points, and if the probe before shows it
  /// as well.
  private static func labelled(
    _ results: [ProbeResult], _ measured: [ProbeResult], _ steps: Int
  ) -> (Verdict, String, Fall?)? {
    guard measured.count >= 2, let last = measured.last else { return nil }
    let recent = measured.suffix(2)
    let now = Format.percent(knn(last))
    let best = measured.max { knn($0) < knn($1) }!
    if recent.allSatisfy({ knn(best) - knn($0) > margin(knn(best), last.images) }) {
      return (
        .worse,
        "features get worse: k-NN is \(now), and was \(Format.percent(knn(best))) at step "
          + Format.count(best.step),
        Fall(
          curve: measured.map { .init(step: $0.step, value: knn($0)) },
          best: .init(step: best.step, value: knn(best)), margin: margin(knn(best), last.images),
          shownBy: 2)
      )
    }
    let (verdict, reason) =
      compared(results, Array(recent), steps) ?? (.learning, "k-NN is \(now)")
    return (verdict, reason, nil)
  }

  /// Compares the last two probes with the baselines.
  private static func compared(
    _ results: [ProbeResult], _ recent: [ProbeResult], _ steps: Int
  ) -> (Verdict, String)? {
    func baseline(_ metric: Metric) -> Double? {
      results.last { $0.values[metric] != nil }?.values[metric]
    }
    guard let last = recent.last else { return nil }
    func text(_ other: Double) -> String {
      ": k-NN \(Format.percent(knn(last))) against \(Format.percent(other))"
    }
    // In the first tenth of a run nothing can be expected yet.
    if last.step * 10 >= steps, let untrained = baseline(.knnUntrained),
      recent.allSatisfy({ knn($0) <= untrained + margin(untrained, $0.images) / 3 })
    {
      return (
        .notBetterThanUntrained,
        "features are no better than the untrained network's" + text(untrained)
      )
    }
    if last.step * 2 >= steps, let raw = baseline(.knnRawPixels),
      recent.allSatisfy({ knn($0) <= raw })
    {
      return (.notBetterThanPixels, "features are no better than raw pixels" + text(raw))
    }
    return nil
  }

  private static func knn(_ result: ProbeResult) -> Double { result.values[.knnLearned] ?? 0 }

  /// The difference that counts, for an accuracy on so many images.
  private static func margin(_ accuracy: Double, _ images: Int) -> Double {
    max(0.02, 3 * (accuracy * (1 - accuracy) / Double(max(images, 1))).squareRoot())
  }

  /// By RankMe and LiDAR, from a fifth of the run: earlier they may be high because the network is untrained.
  /// Both have to lie a tenth below their best for three probes.
  private static func labelFree(
    _ results: [ProbeResult], _ steps: Int
  ) -> (Verdict, String, Fall?)? {
    let settled = results.filter { $0.step > 0 && $0.step * 5 >= steps }
    guard settled.count >= 2, let last = settled.last, let rank = last.values[.rankMe] else {
      return nil
    }
    func hasFallen(_ metric: Metric) -> Bool {
      let values = settled.compactMap { $0.values[metric] }
      guard values.count > 3, let best = values.max() else { return false }
      return values.suffix(3).allSatisfy { $0 < (1 - fall) * best }
    }
    let best = settled.max { ($0.values[.rankMe] ?? 0) < ($1.values[.rankMe] ?? 0) }!
    if hasFallen(.rankMe), hasFallen(.lidar) {
      return (
        .worse,
        "features use fewer directions: RankMe is \(Format.decimals(rank, 1)), and was "
          + "\(Format.decimals(best.values[.rankMe]!, 1)) at step \(Format.count(best.step))",
        Fall(
          curve: settled.map { .init(step: $0.step, value: $0.values[.rankMe] ?? 0) },
          best: .init(step: best.step, value: best.values[.rankMe]!),
          margin: fall * best.values[.rankMe]!, shownBy: 3)
      )
    }
    return (.learning, "RankMe is \(Format.decimals(rank, 1))", nil)
  }
}
