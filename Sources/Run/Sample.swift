/// The metrics of one training step.
package struct Sample: Sendable, Equatable {
  /// The step, one of `steps`.
  @Count package var step: Int
  /// When the step ended, in seconds since 1970.
  package var time: Double
  /// The value of each metric by its place, or `absent`. A screen reads a hundred thousand of them for a
  /// frame, so that they are not looked up by name.
  private var slots: ContiguousArray<UInt64>

  /// The bits of a value that the step does not have: a NaN that no computation makes.
  static let absent: UInt64 = 0x7ff4_0000_0000_ab5e

  /// The steps that a run can have. A record from elsewhere, such as a damaged database, may hold
  /// others; they are passed over, since sums of such numbers overflow.
  package static let steps = 1...1_000_000_000_000

  /// Creates a sample of the values that the step has.
  package init(step: Int, time: Double, values: [Metric: Double]) {
    self.step = step
    self.time = time
    slots = ContiguousArray(repeating: Self.absent, count: Metric.count)
    for (metric, value) in values { slots[metric.place] = value.bitPattern }
  }

  /// The value of a metric; `nil` if the step has none.
  package internal(set) subscript(_ metric: Metric) -> Double? {
    get {
      let bits = slots[metric.place]
      return bits == Self.absent ? nil : Double(bitPattern: bits)
    }
    set { slots[metric.place] = newValue?.bitPattern ?? Self.absent }
  }

  /// The bits of the value of the metric at a place.
  func bits(at place: Int) -> UInt64 { slots[place] }

  /// The values by metric. Metrics that the step did not measure are absent. Values are always
  /// finite: one that is not is left out and reported as an event.
  ///
  /// They are collected at each call; read a single one by its metric instead.
  package var values: [Metric: Double] {
    get {
      var values: [Metric: Double] = [:]
      for metric in Metric.allCases { values[metric] = self[metric] }
      return values
    }
    set { self = Sample(step: step, time: time, values: newValue) }
  }
}

extension Sample: Codable {
  enum CodingKeys: String, CodingKey { case step, time, values }

  package func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(step, forKey: .step)
    try fields.encode(time, forKey: .time)
    try fields.encode(values, forKey: .values)
  }
}
