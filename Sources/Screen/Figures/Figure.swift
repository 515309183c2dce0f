import Run

/// What a figure on the screen means.
package struct Figure: Sendable {
  /// The metric, and others that are explained with it.
  package let metrics: [Metric]
  /// What is measured.
  package let what: String
  /// How it is computed; `nil` if `what` says it.
  package let formula: String?
  /// What is usual for a run, in a few words; `nil` if that depends on the recipe alone.
  package let healthy: @Sendable (RunStatus) -> String?
  /// What another value may mean, and what helps.
  package let otherwise: String

  init(
    _ metrics: [Metric], _ what: String, formula: String? = nil, otherwise: String,
    healthy: @escaping @Sendable (RunStatus) -> String? = { _ in nil }
  ) {
    self.metrics = metrics
    self.what = what
    self.formula = formula
    self.healthy = healthy
    self.otherwise = otherwise
  }

  /// Returns the explanation of a metric; `nil` if there is none.
  package static func of(_ metric: Metric) -> Figure? { byMetric[metric] }

  private static let byMetric: [Metric: Figure] = Dictionary(
    uniqueKeysWithValues: all.flatMap { figure in figure.metrics.map { ($0, figure) } })

  /// All explanations.
  package static let all =
    losses + gradients + diagnostics + schedules + throughput + progress + accuracies + scores
}
