// The JSON form of metrics on the wire and in the database. A program must be able to read what a
// later version wrote, so unknown metrics are skipped and never an error.

/// The name of a known metric; other names are passed over by a decoder's container.
private struct MetricKey: CodingKey {
  let metric: Metric

  var stringValue: String { metric.rawValue }
  var intValue: Int? { nil }

  init?(stringValue: String) {
    guard let metric = Metric(rawValue: stringValue) else { return nil }
    self.metric = metric
  }

  init?(intValue: Int) { nil }
}

extension Sample {
  package init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      step: try fields.decode(Count.self, forKey: .step).wrappedValue,
      time: try fields.decode(Double.self, forKey: .time), values: [:])
    let values = try fields.nestedContainer(keyedBy: MetricKey.self, forKey: .values)
    for key in values.allKeys { self[key.metric] = try values.decode(Double.self, forKey: key) }
  }
}

extension ProbeResult {
  package init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    let named = try fields.nestedContainer(keyedBy: MetricKey.self, forKey: .values)
    var values: [Metric: Double] = [:]
    for key in named.allKeys { values[key.metric] = try named.decode(Double.self, forKey: key) }
    self.init(
      step: try fields.decode(Count.self, forKey: .step).wrappedValue,
      time: try fields.decode(Double.self, forKey: .time),
      name: try fields.decode(String.self, forKey: .name), values: values,
      images: try fields.decode(Count.self, forKey: .images).wrappedValue,
      classes: try fields.decode(Count.self, forKey: .classes).wrappedValue,
      data: try fields.decodeIfPresent(String.self, forKey: .data))
  }
}

extension Snapshot {
  package init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      status: try fields.decode(RunStatus.self, forKey: .status),
      sequence: try fields.decode(Count.self, forKey: .sequence).wrappedValue,
      samples: try fields.decode([Sample].self, forKey: .samples),
      events: try fields.decode([RunEvent].self, forKey: .events),
      evaluations: try fields.decode([ProbeResult].self, forKey: .evaluations),
      journal: try fields.decode(KnownList<JournalEntry>.self, forKey: .journal).elements,
      plan: try fields.decode(KnownList<PlannedCurve>.self, forKey: .plan).elements)
    after = try fields.decodeIfPresent(Int.self, forKey: .after)
  }
}
