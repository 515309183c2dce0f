/// Which of a step's batches is computed: a step may average the gradients of several.
package struct BatchTurn: Sendable {
  /// From 0.
  package let number: Int
  package let count: Int

  /// The one batch of a step.
  package static let only = BatchTurn(0, of: 1)

  package init(_ number: Int, of count: Int) {
    precondition((0..<count).contains(number))
    self.number = number
    self.count = count
  }

  package var isFirst: Bool { number == 0 }
  package var isLast: Bool { number == count - 1 }
  /// Whether its gradient is a part of the step's.
  package var isPart: Bool { count > 1 }
  /// What it counts in the step.
  package var share: Double { 1 / Double(count) }
}
