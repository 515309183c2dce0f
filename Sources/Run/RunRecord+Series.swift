// Reading samples as a screen does, many times for each frame: by place and without copies.

extension RunRecord {
  /// Returns how many samples there are up to a step.
  package func sampleCount(upTo step: Int) -> Int {
    var (low, high) = (0, samples.count)
    while low < high {
      let middle = (low + high) / 2
      if samples[middle].step <= step { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Calls `body` with the step and the value of each sample from one step to another that has a metric.
  package func forEachValue(
    of metric: Metric, from first: Int = 0, to last: Int = .max, _ body: (Int, Double) -> Void
  ) {
    let range = sampleCount(upTo: first - 1)..<sampleCount(upTo: last)
    guard !range.isEmpty else { return }
    samples.withUnsafeBufferPointer { samples in
      for place in range {
        if let value = samples[place][metric] { body(samples[place].step, value) }
      }
    }
  }

  /// Returns the last value of a metric among the first `count` samples; `nil` if none of them has it.
  package func lastValue(of metric: Metric, among count: Int) -> Double? {
    samples.withUnsafeBufferPointer { samples in
      var place = count - 1
      while place >= 0 {
        if let value = samples[place][metric] { return value }
        place -= 1
      }
      return nil
    }
  }
}
