import Run

extension RunRecord {
  /// Returns the values of a metric by step, from one step to another.
  func points(_ metric: Metric, from first: Int = 0, to last: Int = .max) -> [Point] {
    [Point](unsafeUninitializedCapacity: samples.count) { points, count in
      forEachValue(of: metric, from: first, to: last) { step, value in
        points.initializeElement(at: count, to: Point(x: Double(step), y: value))
        count += 1
      }
    }
  }
}
