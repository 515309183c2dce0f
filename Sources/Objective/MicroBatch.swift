/// Which of a step's micro-batches is computed: a step may accumulate the gradients of several.
package struct MicroBatch: Sendable {
  /// From 0.
  package let number: Int
  package let count: Int
  /// Ranks that compute one each at the same time.
  package let ranks: Int

  /// The one micro-batch of a step without gradient accumulation.
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
  /// Whether the step has others.
  package var isPart: Bool { count > 1 }
  /// The weight of its losses and gradients in the step, whose own are means over the micro-batches of
  /// all ranks.
  package var share: Double { 1 / Double(count * ranks) }
}
