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

  private enum CodingKeys: String, CodingKey { case metric, steps, values }

  /// Reads a curve whose steps ascend, each with a value.
  package init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    metric = try fields.decode(Metric.self, forKey: .metric)
    steps = try fields.decode([Count].self, forKey: .steps).map(\.wrappedValue)
    values = try fields.decode([Double].self, forKey: .values)
    guard steps.count == values.count, zip(steps, steps.dropFirst()).allSatisfy(<) else {
      throw DecodingError.dataCorruptedError(
        forKey: .steps, in: fields, debugDescription: "not one ascending step for each value")
    }
  }
}
