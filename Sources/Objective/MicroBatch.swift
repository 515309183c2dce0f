/// One of the micro-batches whose gradients a step accumulates.
package struct MicroBatch: Sendable {
  /// Its number within the step, from 0.
  package let number: Int
  /// The number of micro-batches that a rank computes in the step.
  package let count: Int
  /// The number of ranks, each of which has such a micro-batch.
  package let ranks: Int

  /// The micro-batch of a step without gradient accumulation on a single rank.
  package static let only = MicroBatch(0, of: 1)

  package init(_ number: Int, of count: Int, ranks: Int = 1) {
    precondition((0..<count).contains(number) && ranks > 0)
    self.number = number
    self.count = count
    self.ranks = ranks
  }

  /// Whether it is the first or the last micro-batch of its step.
  package var isFirst: Bool { number == 0 }
  package var isLast: Bool { number == count - 1 }
  /// Whether the step has several.
  package var isPart: Bool { count > 1 }
  /// The weight of its losses and gradients: those of a step are means over the micro-batches of all
  /// ranks.
  package var share: Double { 1 / Double(count * ranks) }
}
