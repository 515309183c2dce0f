import Kernels
import Model
import Tensor

/// A student's gradients while they are summed over the micro-batches and ranks of a step.
///
/// With one rank, micro-batches add to the total. With several, the gradients of ranks are added in the tree
/// of `SumTree`, micro-batch by micro-batch, whose order does not depend on which process computes which
/// rank. If gradients are divided among the processes, each gets the sums of its slices: with one rank a
/// process, a unit is reduced as soon as the backward pass has left it, and needs memory for so long only.
final class GradientSums {
  /// The gradients of a step: all, or the slices that this process owns.
  let total: Buffer
  private let trees: Trees
  /// The places of blocks' gradients: one that is computed, and some that are on their way, so that a block
  /// does not have to wait for a head, which takes longer to send.
  static let places = 4
  /// Whether gradients are summed over several ranks.
  let isTree: Bool
  private let isAccumulated: Bool
  /// How gradients are sent.
  private let element: Element
  private let store: ParameterStore
  /// The units that are being reduced.
  private var tickets: [CollectiveTicket?]
  /// The units of whole gradients that were left, in order, and how many of them are being gathered.
  private var left: [Int] = []
  private var gathering = 0
  /// What is left to be added within this process when its last rank has left a unit.
  private let lastAdditions: [(from: Int, to: Int)]
  private var isLastRank = false

  /// Where the gradients of ranks are until they are summed.
  private enum Trees {
    /// Whole gradients, one for each level of the tree.
    case whole([(buffer: Buffer, parameters: NetworkParameters)])
    /// One unit after the other, of the only rank of this process.
    case units(GatheredUnits, NetworkParameters)
  }

  /// - Parameter store: the parameters whose gradients these are.
  init(_ plan: ArenaPlan, _ network: NetworkShape, _ shape: EngineShape, _ store: ParameterStore) {
    let count = network.layout.count
    self.store = store
    element = shape.reduced
    isTree = shape.ranks.world > 1
    isAccumulated = isTree && shape.accumulationSteps > 1
    total = plan.buffer(store.owned.count)
    tickets = Array(repeating: nil, count: store.units.units.count)
    lastAdditions = SumTree.additionsAfterLastLeaf(shape.ranks.local.count)
    if store.isSharded && shape.ranks.local.count == 1 {
      let gathered = GatheredUnits(
        plan, store.units,
        sharing: shape.sharding == .fullShard
          ? .blocksAndHeads(places: Self.places) : .blocks(places: Self.places),
        element: element)
      trees = .units(gathered, gathered.parameters(network, store.units))
      return
    }
    let tree = SumTree.levels(shape.ranks.local.count)
    // The first level is the total where that is whole and not needed for other micro-batches.
    let isApart = isAccumulated || store.isSharded
    let further = (0..<(isApart ? tree : tree - 1)).map { _ in plan.buffer(count) }
    trees = .whole(
      ((isApart ? [] : [total]) + further).map { ($0, NetworkParameters(in: $0, network)) })
  }

  /// The gradients by tensor, with one rank.
  var parameters: NetworkParameters {
    switch trees {
    case .whole(let levels): levels[0].parameters
    case .units(_, let parameters): parameters
    }
  }

  /// Prepares for the micro-batches of a step.
  func begin(_ kernels: any Kernels) {
    if isAccumulated || !isTree { kernels.fill(total, with: 0) }
  }

  /// Returns where a rank adds the gradients of a micro-batch.
  func enter(_ kernels: any Kernels, _ node: SumTree.Node) -> NetworkParameters {
    isLastRank = node.first == store.units.ranks.local.count - 1
    switch trees {
    case .units(_, let parameters): return parameters
    case .whole(let levels):
      let level = levels[node.level]
      if isTree { kernels.fill(level.buffer, with: 0) }
      return level.parameters
    }
  }

  /// Makes the place of a unit's gradient ready.
  func enter(_ kernels: any Kernels, _ unit: Int) {
    guard case .units(let gathered, _) = trees else { return }
    // The unit that had the place before may still be on its way.
    for other in tickets.indices where gathered.slots[other] == gathered.slots[unit] {
      finish(kernels, other)
    }
    kernels.fill(gathered.places[unit], with: 0)
  }

  /// Begins to reduce the gradient of a unit, which is complete.
  func leave(_ kernels: any Kernels, _ unit: Int) {
    switch trees {
    case .units(let gathered, _): tickets[unit] = reduce(kernels, unit, gathered.places[unit])
    case .whole(let levels):
      guard sumsUnits, isLastRank else { return }
      let range = store.units.units[unit].range
      for (from, to) in lastAdditions {
        kernels.add(levels[from].buffer[range], scale: 1, to: levels[to].buffer[range])
      }
      tickets[unit] = reduce(kernels, unit, levels[0].buffer[range])
      left.append(unit)
      // By now the one before the last is probably summed: to gather it keeps nothing else from being sent.
      if !store.isSharded, left.count > 2 { gatherNext(kernels) }
    }
  }

  /// Whether whole gradients are summed unit by unit while the backward pass of the last rank goes on. The
  /// sums of further micro-batches, if all processes need all of them, are not.
  private var sumsUnits: Bool { isTree && (store.isSharded || !isAccumulated) }

  /// Gives the sums of the next unit of whole gradients to all processes, once they are there.
  private func gatherNext(_ kernels: any Kernels) {
    let unit = left[gathering]
    gathering += 1
    tickets[unit] = store.sending("gather sums of", kernels, unit) {
      kernels.startGather(
        total[store.units.units[unit].range], stride: store.units.stride(unit), as: element,
        after: tickets[unit]!)
    }
  }

  private func finish(_ kernels: any Kernels, _ unit: Int) {
    guard let ticket = tickets[unit] else { return }
    store.finish(kernels, ticket, unit)
    tickets[unit] = nil
  }

  private func reduce(_ kernels: any Kernels, _ unit: Int, _ place: Buffer) -> CollectiveTicket {
    store.sending("reduce", kernels, unit) {
      kernels.startReduce(
        place, stride: store.units.stride(unit),
        into: total[store.place(store.units.own(unit), unit: unit)],
        isAdded: isAccumulated, as: element)
    }
  }

  /// Adds a node of the tree to another.
  func add(_ kernels: any Kernels, _ from: SumTree.Node, to: SumTree.Node) {
    guard case .whole(let levels) = trees, !(sumsUnits && isLastRank) else { return }
    kernels.add(levels[from.level].buffer, scale: 1, to: levels[to.level].buffer)
  }

  /// Completes a micro-batch: the sum over the ranks of this process becomes that over all ranks.
  func finish(_ kernels: any Kernels) {
    guard isTree else { return }
    switch trees {
    case .units: for unit in tickets.indices { finish(kernels, unit) }
    case .whole where sumsUnits:
      if !store.isSharded { while gathering < left.count { gatherNext(kernels) } }
      for unit in tickets.indices { finish(kernels, unit) }
      left.removeAll(keepingCapacity: true)
      gathering = 0
    case .whole(let levels):
      store.waiting(for: "sums of gradients") {
        kernels.allReduceSum(levels[0].buffer, as: element)
      }
      if isAccumulated { kernels.add(levels[0].buffer, scale: 1, to: total) }
    }
  }
}
