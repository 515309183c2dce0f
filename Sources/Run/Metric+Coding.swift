// The JSON form of metrics on the wire and in the database. A program must be able to read what a
// later version wrote, so unknown metrics are skipped and never an error.

extension Metric {
  /// Returns the values of known metrics from a JSON object whose keys are metric names.
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
      step: try fields.decode(Count.self, forKey: .step).wrappedValue,
      time: try fields.decode(Double.self, forKey: .time),
      values: Metric.known(try fields.decode([String: Double].self, forKey: .values)))
  }
}

extension ProbeResult {
  package init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      step: try fields.decode(Count.self, forKey: .step).wrappedValue,
      time: try fields.decode(Double.self, forKey: .time),
      name: try fields.decode(String.self, forKey: .name),
      values: Metric.known(try fields.decode([String: Double].self, forKey: .values)),
      images: try fields.decode(Count.self, forKey: .images).wrappedValue,
      classes: try fields.decode(Count.self, forKey: .classes).wrappedValue)
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
      journal: try fields.decode([Known<JournalEntry>].self, forKey: .journal).compactMap(\.value),
      plan: try fields.decode(KnownCurves.self, forKey: .plan).curves)
    after = try fields.decodeIfPresent(Int.self, forKey: .after)
  }
}

/// A list of curves that may contain unknown metrics when decoded; only the known ones are kept.
package struct KnownCurves: Codable, Sendable {
  package var curves: [PlannedCurve]

  package init(_ curves: [PlannedCurve]) { self.curves = curves }

  package init(from decoder: any Decoder) throws {
    curves = try [Named](from: decoder).compactMap(\.curve)
  }

  package func encode(to encoder: any Encoder) throws { try curves.encode(to: encoder) }

  private struct Named: Decodable {
    private enum CodingKeys: String, CodingKey { case metric }

    let curve: PlannedCurve?

    init(from decoder: any Decoder) throws {
      let fields = try decoder.container(keyedBy: CodingKeys.self)
      let isKnown = Metric(rawValue: try fields.decode(String.self, forKey: .metric)) != nil
      curve = isKnown ? try PlannedCurve(from: decoder) : nil
    }
  }
}

/// A decoded value; `nil` if a later version wrote something that this version does not know.
private struct Known<Value: Decodable>: Decodable {
  let value: Value?

  init(from decoder: any Decoder) throws { value = try? Value(from: decoder) }
}
