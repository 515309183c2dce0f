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

  /// The most tokens that each block computes.
  static func tokens(rates: [Double], groups: [CropGroup], _ shape: BackboneShape) -> [Int] {
    rates.map { rate in
      groups.reduce(0) {
        $0 + subset(of: $1.count, rate: rate) * $1.sequences(shape).length
      }
    }
  }

  /// The most tokens that any block computes; no rates: a batch may compute all.
  package static func mostTokens(
    rates: [Double], groups: [CropGroup], _ shape: BackboneShape
  ) -> Int {
    tokens(rates: rates.isEmpty ? [0] : rates, groups: groups, shape).max() ?? 0
  }

  /// Sequences that are kept of `count`.
  static func subset(of count: Int, rate: Double) -> Int {
    max(Int(Double(count) * (1 - rate)), 1)
  }
}

/// The row numbers of every branch's kept tokens, uploaded once a pass.
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

  /// The routes of every block.
  func routes(_ kernels: any Kernels, keep: [KeptSequences]?) -> [BlockRoutes] {
    guard let keep else {
      let all = BranchRoute(all: groups.map { $0.sequences(shape) })
      return Array(repeating: BlockRoutes(attention: all, feedForward: all), count: shape.depth)
    }
    precondition(keep.count == shape.depth)
    return keep.enumerated().map { block, kept in
      BlockRoutes(
        attention: route(kernels, kept.attention, into: rows[2 * block]),
        feedForward: route(kernels, kept.feedForward, into: rows[2 * block + 1]))
    }
  }

  private func route(_ kernels: any Kernels, _ kept: [[Int]], into target: Indices) -> BranchRoute {
    var numbers: [Int32] = []
    numbers.reserveCapacity(target.count)
    var segments: [RowSegment] = []
    var sequences: [SequenceGroup] = []
    var start = 0
    for (group, chosen) in zip(groups, kept) {
      let all = group.sequences(shape)
      for sequence in chosen {
        let first = start + sequence * all.length
        for row in first..<first + all.length { numbers.append(Int32(row)) }
      }
      sequences.append(SequenceGroup(count: chosen.count, length: all.length))
      segments.append(
        RowSegment(
          count: chosen.count * all.length, factor: Float(all.count) / Float(chosen.count)))
      start += all.tokens
    }
    kernels.upload(numbers, to: target[0..<numbers.count])
    return BranchRoute(rows: target[0..<numbers.count], segments: segments, sequences: sequences)
  }
}
