/// A schedule's planned values from the run's first step to its last, live changes included.
package struct PlannedCurve: Codable, Sendable, Equatable {
  package var metric: Metric
  /// Steps (rising) and the value at each.
  package var steps: [Int]
  package var values: [Double]

  package init(metric: Metric, steps: [Int], values: [Double]) {
    self.metric = metric
    self.steps = steps
    self.values = values
  }
}
