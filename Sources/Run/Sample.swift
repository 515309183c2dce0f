/// The metrics of one training step.
package struct Sample: Codable, Sendable, Equatable {
  /// The step they belong to; the first is 1.
  package var step: Int
  /// When the step ended, in seconds since 1970.
  package var time: Double
  /// The values measured; what a step does not measure is absent. Never NaN: a value that is not
  /// finite is absent here and an event says so.
  package var values: [Metric: Double]

  enum CodingKeys: String, CodingKey { case step, time, values }

  package init(step: Int, time: Double, values: [Metric: Double]) {
    self.step = step
    self.time = time
    self.values = values
  }

  package subscript(_ metric: Metric) -> Double? { values[metric] }
}
