// Reading samples and probes as a screen does, many times for each frame.

extension RunRecord {
  /// Returns how many samples there are up to a step.
  package func sampleCount(upTo step: Int) -> Int {
    var (low, high) = (0, columns.steps.count)
    while low < high {
      let middle = (low + high) / 2
      if columns.steps[middle] <= step { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Calls `body` with the step and the value of each sample from one step to another that has a metric.
  package func forEachValue(
    of metric: Metric, from first: Int = 0, to last: Int = .max, _ body: (Int, Double) -> Void
  ) {
    let (start, end) = (sampleCount(upTo: first - 1), sampleCount(upTo: last))
    if start < end { columns.forEachValue(of: metric, in: start..<end, body) }
  }

  /// Whether some sample has another value of a metric than 0.
  package func isMoved(_ metric: Metric) -> Bool { columns.isMoved(metric) }

  /// Returns the last value of a metric among the first `count` samples, or among all; `nil` if none of them has it.
  package func lastValue(of metric: Metric, among count: Int? = nil) -> Double? {
    columns.lastValue(of: metric, among: count ?? samples.count)
  }

  /// The values of a metric in the results of a probe, by ascending step.
  package func probeCurve(
    _ metric: Metric, of name: String = ProbeResult.knn
  ) -> [ProbeValue] { probeCurves.curve(metric, of: name) }

  /// The names of the probes that have results.
  package var probeNames: Set<String> { probeCurves.names }
}
