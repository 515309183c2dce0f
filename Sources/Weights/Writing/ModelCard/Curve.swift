import Run

/// One line of a chart: a metric's values by step.
struct Curve {
  let name: String
  let colour: String
  let points: [(step: Int, value: Double)]

  /// The largest number of points, about the number of pixel columns in a chart.
  private static let columns = 360

  /// Creates a curve of a training metric, averaged over equal ranges of steps. `nil` if no sample
  /// has it.
  init?(_ name: String, _ metric: Metric, colour: String, samples: [Sample], lastStep: Int) {
    let all = samples.compactMap { sample in sample[metric].map { (sample.step, $0) } }
    let width = max(1, (lastStep + Self.columns - 1) / Self.columns)
    var points: [(step: Int, value: Double)] = []
    var rest = all[...]
    while let first = rest.first {
      let part = rest.prefix { $0.0 / width == first.0 / width }
      rest = rest.dropFirst(part.count)
      let steps = part.reduce(0) { $0 + $1.0 }
      points.append((steps / part.count, part.reduce(0) { $0 + $1.1 } / Double(part.count)))
    }
    self.init(name, colour: colour, points: points)
  }

  /// Creates a curve of a probe's metric. `nil` if no evaluation has it.
  init?(_ name: String, _ metric: Metric, colour: String, evaluations: [ProbeResult]) {
    self.init(
      name, colour: colour,
      points: evaluations.compactMap { probe in probe.values[metric].map { (probe.step, $0) } })
  }

  private init?(_ name: String, colour: String, points: [(step: Int, value: Double)]) {
    guard !points.isEmpty else { return nil }
    self.name = name
    self.colour = colour
    self.points = points
  }
}
