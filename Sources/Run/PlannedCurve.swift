/// A schedule's planned values from the first to the last step of a run, including live changes.
package struct PlannedCurve: Codable, Sendable, Equatable {
  /// The schedule.
  package var metric: Metric
  /// Steps in ascending order, and the value at each of them.
  package var steps: [Int]
  package var values: [Double]

  package init(metric: Metric, steps: [Int], values: [Double]) {
    self.metric = metric
    self.steps = steps
    self.values = values
  }
}
