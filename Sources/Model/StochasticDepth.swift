import Kernels
import Tensor

/// The sequences that a block's two residual branches compute, by crop group.
package struct KeptSequences: Sendable, Equatable {
  package var attention: [[Int]]
  package var feedForward: [[Int]]

  package init(attention: [[Int]], feedForward: [[Int]]) {
    self.attention = attention
    self.feedForward = feedForward
  }
}

/// Efficient stochastic depth: a branch computes a random subset of max(⌊b(1 − rate)⌋, 1) sequences
/// of each crop group, and its residual is multiplied by b / subset.
package enum StochasticDepth {
  /// Draws the sequences that each block keeps of a batch; nil if all rates are 0.
  ///
  /// - Parameter batch: the number of the batch, from 1.
  package static func draw(
    rates: [Double], seed: Int, batch: Int, groups: [CropGroup]
  ) -> [KeptSequences]? {
    guard rates.contains(where: { $0 > 0 }) else { return nil }
    func branch(_ block: Int, _ half: Int) -> [[Int]] {
      groups.enumerated().map { number, group in
        guard rates[block] > 0 else { return Array(0..<group.count) }
        var random = CounterRandom(
          seed: UInt64(truncatingIfNeeded: seed), use: .keep, batch, 2 * block + half, number)
        return random.subset(subset(of: group.count, rate: rates[block]), of: group.count)
      }
    }
    return rates.indices.map {
      KeptSequences(attention: branch($0, 0), feedForward: branch($0, 1))
    }
  }

  /// The most tokens that each block computes.
  ///
  /// - Parameter outputs: the tokens that a pass returns after the last block.
  static func tokens(
    rates: [Double], groups: [CropGroup], _ shape: BackboneShape, outputs: Int
  ) -> [BlockTokens] {
    rates.enumerated().map { block, rate in
      let count = groups.reduce(0) {
        $0 + subset(of: $1.count, rate: rate) * $1.sequences(shape).length
      }
      let isLast = block == shape.depth - 1
      return BlockTokens(attention: count, feedForward: isLast ? min(count, outputs) : count)
    }
  }

  /// The most tokens that any block computes. Without rates a batch may compute all.
  package static func mostTokens(
    rates: [Double], groups: [CropGroup], _ shape: BackboneShape
  ) -> Int {
    let all = rates.isEmpty ? Array(repeating: 0, count: shape.depth) : rates
    return tokens(rates: all, groups: groups, shape, outputs: .max).map(\.attention).max() ?? 0
  }

  /// How many of `count` sequences are kept.
  static func subset(of count: Int, rate: Double) -> Int {
    max(Int(Double(count) * (1 - rate)), 1)
  }
}

/// The most tokens that the branches of a block compute.
struct BlockTokens: Sendable {
  var attention: Int
  var feedForward: Int
}

/// The rows of the tokens that each branch computes, uploaded once for each pass. Lists keep their memory
/// from one pass to the next.
///
/// After the attention of the last block tokens no longer interact, so that its feed-forward layer
/// computes only those that the pass returns.
final class RoutePlan {
  private let sequences: [SequenceGroup]
  /// Two for each block, of attention and of the feed-forward layer.
  private let indices: [Indices]
  private(set) var routes: [BlockRoutes]

  private let all: BranchRoute
  // Lists of the length `tokens`, made by the first pass: a plan reserves nothing.
  private let tokens: Int
  private var numbers: [Int32] = []
  private var isWanted: [Bool] = []

  init(_ plan: ArenaPlan, groups: [CropGroup], shape: BackboneShape) {
    sequences = groups.map { $0.sequences(shape) }
    let tokens = sequences.reduce(0) { $0 + $1.tokens }
    self.tokens = tokens
    indices = (0..<2 * shape.depth).map { _ in plan.indices(tokens) }
    all = BranchRoute(all: sequences)
    routes = Array(
      repeating: BlockRoutes(attention: all, feedForward: all), count: shape.depth)
  }

  /// Sets the routes of all blocks for a pass that returns the tokens `outputs`.
  func choose(_ kernels: any Kernels, keep: [KeptSequences]?, outputs: [Int32]) {
    precondition(keep == nil || keep!.count == routes.count)
    if isWanted.isEmpty {
      numbers.reserveCapacity(tokens)
      isWanted = Array(repeating: false, count: tokens)
    }
    for block in routes.indices {
      let last = block == routes.count - 1 ? outputs : nil
      choose(
        kernels, keep?[block].attention, only: nil, into: indices[2 * block],
        &routes[block].attention)
      choose(
        kernels, keep?[block].feedForward, only: last, into: indices[2 * block + 1],
        &routes[block].feedForward)
    }
  }

  /// Sets the route of a branch.
  ///
  /// - Parameters:
  ///   - kept: the sequences of each group; nil for all.
  ///   - wanted: the rows that the route is limited to; nil for no limit.
  private func choose(
    _ kernels: any Kernels, _ kept: [[Int]]?, only wanted: [Int32]?, into target: Indices,
    _ route: inout BranchRoute
  ) {
    guard kept != nil || wanted != nil else {
      route = all
      return
    }
    for row in wanted ?? [] { isWanted[Int(row)] = true }
    numbers.removeAll(keepingCapacity: true)
    route.segments.removeAll(keepingCapacity: true)
    route.sequences.removeAll(keepingCapacity: true)
    var start = 0
    for (number, all) in sequences.enumerated() {
      let before = numbers.count
      let count = kept?[number].count ?? all.count
      for index in 0..<count {
        let first = start + (kept?[number][index] ?? index) * all.length
        for row in first..<first + all.length where wanted == nil || isWanted[row] {
          numbers.append(Int32(row))
        }
      }
      route.sequences.append(SequenceGroup(count: count, length: all.length))
      route.segments.append(
        RowSegment(count: numbers.count - before, factor: Float(all.count) / Float(count)))
      start += all.tokens
    }
    for row in wanted ?? [] { isWanted[Int(row)] = false }
    kernels.upload(numbers, to: target[0..<numbers.count])
    route.rows = target[0..<numbers.count]
  }
}
