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
  /// What every block keeps of a batch, each by its own rate; nil where all rates are 0 and
  /// everything is computed. `batch` is the batch's number, from 1.
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

  /// The most tokens that each block computes; `outputs`: those that a pass is asked for after the
  /// last.
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

  /// The most tokens that any block computes; no rates: a batch may compute all.
  package static func mostTokens(
    rates: [Double], groups: [CropGroup], _ shape: BackboneShape
  ) -> Int {
    let all = rates.isEmpty ? Array(repeating: 0, count: shape.depth) : rates
    return tokens(rates: all, groups: groups, shape, outputs: .max).map(\.attention).max() ?? 0
  }

  /// Sequences that are kept of `count`.
  static func subset(of count: Int, rate: Double) -> Int {
    max(Int(Double(count) * (1 - rate)), 1)
  }
}

/// The most tokens that a block's branches compute.
struct BlockTokens: Sendable {
  var attention: Int
  var feedForward: Int
}

/// The row numbers of every branch's kept tokens, uploaded once a pass.
///
/// After the last block's attention tokens no longer meet, so its feed-forward layer computes those
/// alone that the pass is asked for.
struct RoutePlan {
  private let groups: [CropGroup]
  private let shape: BackboneShape
  /// Two a block.
  private let rows: [Indices]

  init(_ plan: ArenaPlan, groups: [CropGroup], shape: BackboneShape) {
    self.groups = groups
    self.shape = shape
    let tokens = groups.reduce(0) { $0 + $1.sequences(shape).tokens }
    rows = (0..<2 * shape.depth).map { _ in plan.indices(tokens) }
  }

  /// The routes of every block of a pass that is asked for the tokens `outputs` in the end.
  func routes(_ kernels: any Kernels, keep: [KeptSequences]?, outputs: [Int32]) -> [BlockRoutes] {
    guard shape.depth > 0 else { return [] }
    precondition(keep == nil || keep!.count == shape.depth)
    let all = BranchRoute(all: groups.map { $0.sequences(shape) })
    var routes = (0..<shape.depth).map { block in
      guard let kept = keep?[block] else { return BlockRoutes(attention: all, feedForward: all) }
      return BlockRoutes(
        attention: route(kernels, kept.attention, into: rows[2 * block]),
        feedForward: route(kernels, kept.feedForward, into: rows[2 * block + 1]))
    }
    let everything = groups.map { Array(0..<$0.count) }
    routes[shape.depth - 1].feedForward = route(
      kernels, keep?.last?.feedForward ?? everything, only: outputs, into: rows.last!)
    return routes
  }

  /// A route through the sequences that are kept; `only`: through no other rows than these.
  private func route(
    _ kernels: any Kernels, _ kept: [[Int]], only wanted: [Int32]? = nil, into target: Indices
  ) -> BranchRoute {
    var isWanted = [Bool](repeating: wanted == nil, count: target.count)
    for row in wanted ?? [] { isWanted[Int(row)] = true }
    var numbers: [Int32] = []
    numbers.reserveCapacity(target.count)
    var segments: [RowSegment] = []
    var sequences: [SequenceGroup] = []
    var start = 0
    for (group, chosen) in zip(groups, kept) {
      let all = group.sequences(shape)
      let before = numbers.count
      for sequence in chosen {
        let first = start + sequence * all.length
        for row in first..<first + all.length where isWanted[row] { numbers.append(Int32(row)) }
      }
      sequences.append(SequenceGroup(count: chosen.count, length: all.length))
      segments.append(
        RowSegment(
          count: numbers.count - before, factor: Float(all.count) / Float(chosen.count)))
      start += all.tokens
    }
    kernels.upload(numbers, to: target[0..<numbers.count])
    return BranchRoute(rows: target[0..<numbers.count], segments: segments, sequences: sequences)
  }
}
