/// The metrics of one training step.
package struct Sample: Codable, Sendable, Equatable {
  /// The step, one of `steps`.
  @Count package var step: Int
  /// When the step ended, in seconds since 1970.
  package var time: Double
  /// The values by metric. Metrics that the step did not measure are absent. Values are always
  /// finite: one that is not is left out and reported as an event.
  package var values: [Metric: Double]

  /// The steps that a run can have. A record from elsewhere, such as a damaged database, may hold
  /// others; they are passed over, since sums of such numbers overflow.
  package static let steps = 1...1_000_000_000_000

  enum CodingKeys: String, CodingKey { case step, time, values }

  package init(step: Int, time: Double, values: [Metric: Double]) {
    self.step = step
    self.time = time
    self.values = values
  }

  /// The value of a metric; `nil` if the step has none.
  package subscript(_ metric: Metric) -> Double? { values[metric] }
}
