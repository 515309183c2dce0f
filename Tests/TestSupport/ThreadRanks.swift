import Foundation
import Tensor

/// The ranks of a run as threads of a test: each makes its calls on a thread of its own.
package final class ThreadRanks: @unchecked Sendable {
  private let condition = NSCondition()
  private var given: [[Double]]
  private var exchanged: [[Double]] = []
  private var arrived = 0
  private var round = 0

  /// Creates `world` ranks that have given nothing yet.
  package init(_ world: Int) { given = Array(repeating: [], count: world) }

  /// Runs each rank's work on a thread of its own; gives what they return, by rank.
  package func run<Result: Sendable>(
    _ work: @escaping @Sendable (any Collectives) -> Result
  ) -> [Result] {
    let world = given.count
    let results = Results<Result>(world)
    let done = DispatchSemaphore(value: 0)
    for number in 0..<world {
      let thread = Thread {
        results.set(work(Rank(rank: number, world: world, ranks: self)), number)
        done.signal()
      }
      thread.stackSize = 8 << 20
      thread.start()
    }
    for _ in 0..<world { done.wait() }
    return results.all
  }

  /// Every rank's values, once all have come.
  fileprivate func exchange(_ values: [Double], of rank: Int) -> [[Double]] {
    condition.lock()
    defer { condition.unlock() }
    given[rank] = values
    arrived += 1
    let mine = round
    if arrived == given.count {
      // Nobody reaches the next round's end before all have left this one.
      (exchanged, arrived, round) = (given, 0, round + 1)
      condition.broadcast()
    }
    while round == mine { condition.wait() }
    return exchanged
  }

  private final class Results<Value: Sendable>: @unchecked Sendable {
    private let lock = NSLock()
    private var values: [Value?]

    init(_ count: Int) { values = Array(repeating: nil, count: count) }

    func set(_ value: Value, _ number: Int) { lock.withLock { values[number] = value } }
    var all: [Value] { lock.withLock { values.map { $0! } } }
  }
}

private struct Rank: Collectives {
  let rank: Int
  let world: Int
  let ranks: ThreadRanks

  func allReduceSum(_ values: UnsafeMutableBufferPointer<Float>) {
    let sums = reduce(values.map(Double.init), +)
    for (i, sum) in sums.enumerated() { values[i] = Float(sum) }
  }

  func allReduceSum(_ values: UnsafeMutableBufferPointer<Double>) {
    for (i, sum) in reduce(Array(values), +).enumerated() { values[i] = sum }
  }

  func allReduceMax(_ values: UnsafeMutableBufferPointer<Float>) {
    let largest = reduce(values.map(Double.init), max)
    for (i, value) in largest.enumerated() { values[i] = Float(value) }
  }

  private func reduce(_ own: [Double], _ combine: (Double, Double) -> Double) -> [Double] {
    let all = ranks.exchange(own, of: rank)
    precondition(all.allSatisfy { $0.count == own.count }, "ranks reduce different numbers")
    return own.indices.map { i in all.dropFirst().reduce(all[0][i]) { combine($0, $1[i]) } }
  }
}
