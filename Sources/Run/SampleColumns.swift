/// The values of samples by metric: a screen reads a few metrics of all samples for each frame, and those lie
/// together here.
struct SampleColumns: Sendable, Equatable {
  private(set) var steps: ContiguousArray<Int> = []
  /// The bits of the values of each metric by its place, `Sample.absent` where a sample has none.
  private var bits = [ContiguousArray<UInt64>](repeating: [], count: Metric.count)

  init() {}

  init(_ samples: [Sample]) {
    steps.reserveCapacity(samples.count)
    for place in bits.indices { bits[place].reserveCapacity(samples.count) }
    for sample in samples { append(sample) }
  }

  mutating func append(_ sample: Sample) {
    steps.append(sample.step)
    for place in bits.indices { bits[place].append(sample.bits(at: place)) }
  }

  mutating func removeLast() {
    steps.removeLast()
    for place in bits.indices { bits[place].removeLast() }
  }

  /// Calls `body` with the step and the value of each of some samples that has a metric.
  func forEachValue(of metric: Metric, in range: Range<Int>, _ body: (Int, Double) -> Void) {
    bits[metric.place].withUnsafeBufferPointer { column in
      steps.withUnsafeBufferPointer { steps in
        for place in range where column[place] != Sample.absent {
          body(steps[place], Double(bitPattern: column[place]))
        }
      }
    }
  }

  /// Whether some sample has another value of a metric than 0.
  func isMoved(_ metric: Metric) -> Bool {
    bits[metric.place].contains { $0 != Sample.absent && Double(bitPattern: $0) != 0 }
  }

  /// Returns the last value of a metric among the first `count` samples; `nil` if none of them has it.
  func lastValue(of metric: Metric, among count: Int) -> Double? {
    bits[metric.place][..<count].last { $0 != Sample.absent }.map(Double.init(bitPattern:))
  }
}
