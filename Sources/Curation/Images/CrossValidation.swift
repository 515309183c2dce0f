import Tensor

/// How well a probe tells examples apart that it was not fitted to.
package struct CrossValidation: Sendable, Equatable {
  /// The penalty with the least loss.
  package let penalty: Double
  /// The score of each example by a probe that was fitted to other examples.
  package let scores: [Double]

  static let folds = 5
  private static let penalties = [1e-4, 1e-3, 1e-2, 1e-1]

  /// Fits probes to four fifths of the examples each, for several penalties.
  package init(_ examples: LogisticProbe.Examples, seed: UInt64, workers: WorkerPool) {
    let folds = Self.folds(examples.isPositive, seed: seed)
    let runs = Self.penalties.flatMap { penalty in (0..<Self.folds).map { (penalty, $0) } }
    let parts = workers.map(runs.count) { run -> (scores: [(Int, Double)], loss: Double) in
      let (penalty, fold) = runs[run]
      let inside = folds.indices.filter { folds[$0] != fold }
      let outside = folds.indices.filter { folds[$0] == fold }
      let probe = LogisticProbe(examples.only(inside), penalty: penalty)
      let held = examples.only(outside)
      return (
        Array(zip(outside, probe.scores(held))),
        LogisticProbe.loss(held, probe.weights, penalty: 0)
      )
    }
    let losses = Self.penalties.indices.map { penalty in
      parts[penalty * Self.folds..<(penalty + 1) * Self.folds].reduce(0) { $0 + $1.loss }
    }
    let best = losses.indices.min { losses[$0] < losses[$1] }!
    penalty = Self.penalties[best]
    var scores = [Double](repeating: 0, count: folds.count)
    for part in parts[best * Self.folds..<(best + 1) * Self.folds] {
      for (example, score) in part.scores { scores[example] = score }
    }
    self.scores = scores
  }

  /// Divides the examples of each kind evenly, in an order drawn by the seed.
  private static func folds(_ isPositive: [Bool], seed: UInt64) -> [Int] {
    var folds = [Int](repeating: 0, count: isPositive.count)
    for kind in [false, true] {
      let members = isPositive.indices.filter { isPositive[$0] == kind }
      var random = CounterRandom(seed: seed, use: .probe, kind ? 1 : 0)
      for (place, member) in random.permutation(members.count).enumerated() {
        folds[members[member]] = place % Self.folds
      }
    }
    return folds
  }

  /// The shares of positive and of negative examples whose score is above a threshold.
  package func shares(
    above threshold: Double, _ isPositive: [Bool]
  ) -> (positive: Double, negative: Double) {
    func share(_ kind: Bool) -> Double {
      let all = isPositive.indices.filter { isPositive[$0] == kind }
      return Double(all.count { scores[$0] > threshold }) / Double(max(1, all.count))
    }
    return (share(true), share(false))
  }
}
