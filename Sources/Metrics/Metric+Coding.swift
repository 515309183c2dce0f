// The form of metrics in JSON, on the wire and in the database. A program must read what a later
// version wrote, so metrics that it does not know are passed over and never an error.

extension Metric {
  /// Values by metric, out of an object whose keys are metric names.
  fileprivate static func known<Value>(_ named: [String: Value]) -> [Metric: Value] {
    var values: [Metric: Value] = [:]
    values.reserveCapacity(named.count)
    for (name, value) in named {
      if let metric = Metric(rawValue: name) { values[metric] = value }
    }
    return values
  }
}

extension Sample {
  package init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      step: try fields.decode(Int.self, forKey: .step),
      time: try fields.decode(Double.self, forKey: .time),
      values: Metric.known(try fields.decode([String: Double].self, forKey: .values)))
  }
}

extension Evaluation {
  package init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      step: try fields.decode(Int.self, forKey: .step),
      time: try fields.decode(Double.self, forKey: .time),
      name: try fields.decode(String.self, forKey: .name),
      values: Metric.known(try fields.decode([String: Double].self, forKey: .values)),
      images: try fields.decode(Int.self, forKey: .images),
      classes: try fields.decode(Int.self, forKey: .classes))
  }
}

extension Snapshot {
  package init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      status: try fields.decode(RunStatus.self, forKey: .status),
      sequence: try fields.decode(Int.self, forKey: .sequence),
      samples: try fields.decode(SampleColumns.self, forKey: .samples).samples(at: fields),
      events: try fields.decode([RunEvent].self, forKey: .events),
      evaluations: try fields.decode([Evaluation].self, forKey: .evaluations),
      journal: try fields.decode([JournalEntry].self, forKey: .journal),
      plan: try fields.decode(KnownCurves.self, forKey: .plan).curves)
  }

  package func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(status, forKey: .status)
    try fields.encode(sequence, forKey: .sequence)
    try fields.encode(SampleColumns(samples), forKey: .samples)
    try fields.encode(events, forKey: .events)
    try fields.encode(evaluations, forKey: .evaluations)
    try fields.encode(journal, forKey: .journal)
    try fields.encode(plan, forKey: .plan)
  }
}

/// A snapshot's samples as columns, `null` where a step has no value: a third of the size of
/// objects, and what a plot wants.
private struct SampleColumns: Codable {
  var step: [Int]
  var time: [Double]
  var values: [String: [Double?]] = [:]

  init(_ samples: [Sample]) {
    step = samples.map(\.step)
    time = samples.map(\.time)
    for metric in Set(samples.flatMap(\.values.keys)) {
      values[metric.rawValue] = samples.map { $0.values[metric] }
    }
  }

  /// The columns as samples; throws where they differ in length.
  func samples<Key>(at fields: KeyedDecodingContainer<Key>) throws -> [Sample] {
    guard time.count == step.count, values.values.allSatisfy({ $0.count == step.count }) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: fields.codingPath, debugDescription: "columns of unlike length"))
    }
    let columns = Metric.known(values)
    return step.indices.map { row in
      Sample(step: step[row], time: time[row], values: columns.compactMapValues { $0[row] })
    }
  }
}

/// The curves of those metrics that this version knows, out of a list that may hold others.
package struct KnownCurves: Codable, Sendable {
  package var curves: [PlannedCurve]

  package init(_ curves: [PlannedCurve]) { self.curves = curves }

  package init(from decoder: any Decoder) throws {
    curves = try [Named](from: decoder).compactMap { curve in
      Metric(rawValue: curve.metric).map {
        PlannedCurve(metric: $0, steps: curve.steps, values: curve.values)
      }
    }
  }

  package func encode(to encoder: any Encoder) throws { try curves.encode(to: encoder) }

  private struct Named: Codable {
    var metric: String
    var steps: [Int]
    var values: [Double]
  }
}
