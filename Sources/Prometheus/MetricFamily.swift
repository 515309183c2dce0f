/// A metric of Prometheus with its samples, in the text format 0.0.4.
package struct MetricFamily {
  /// What Prometheus may do with the values: a counter only rises, and begins at 0 with each daemon.
  package enum Kind: String { case gauge, counter }

  /// A value and the labels that tell it from the others of the family.
  typealias Point = (labels: [(name: String, value: String)], value: Double)

  let name: String
  let kind: Kind
  /// What it is, in a line, with the unit.
  let help: String
  let points: [Point]

  init(_ name: String, _ kind: Kind, _ help: String, _ points: [Point]) {
    (self.name, self.kind, self.help, self.points) = (name, kind, help, points)
  }

  /// The lines of the family, without any if it has no values.
  var text: String {
    guard !points.isEmpty else { return "" }
    return "# HELP \(name) \(Self.escaped(help))\n# TYPE \(name) \(kind.rawValue)\n"
      + points.map { point in
        let labels = point.labels.map { name, value in
          "\(name)=\"\(Self.escaped(value).replacing("\"", with: "\\\""))\""
        }
        return "\(name){\(labels.joined(separator: ","))} \(Self.number(point.value))\n"
      }.joined()
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
  }

  private static func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    return value.isFinite ? "\(value)" : value > 0 ? "+Inf" : "-Inf"
  }
}
