import Support

extension Format {
  /// Returns a metric's value as text, formatted by its unit.
  package static func value(_ value: Double, _ metric: Metric) -> String {
    switch metric.unit {
    case .fraction: percent(value)
    case .seconds: interval(value)
    case .bytes: bytes(value)
    case .perSecond: number(value) + "/s"
    case .gflops: number(value) + " GFLOP/s"
    case .nats, .plain: number(value)
    case .count: number(value)
    }
  }
}
