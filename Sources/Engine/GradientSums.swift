import Kernels
import Model
import Tensor

/// A student's gradients while they are summed over the micro-batches and ranks of a step.
///
/// With one rank, micro-batches add to the total. With several, the gradients of ranks are added in the tree
/// of `SumTree`, micro-batch by micro-batch, whose order does not depend on which process computes which
/// rank.
struct GradientSums {
  /// One of the buffers of the tree.
  struct Level {
    let buffer: Buffer
    /// The same memory by tensor.
    let parameters: NetworkParameters

    init(_ plan: ArenaPlan, _ network: NetworkShape, count: Int) {
      buffer = plan.buffer(count)
      parameters = NetworkParameters(in: buffer, network)
    }
  }

  /// The gradient of a step.
  let total: Level
  /// The buffers of the tree; the first is the total if a step has one micro-batch.
  private let levels: [Level]
  private let isTree: Bool
  private let isAccumulated: Bool

  init(_ plan: ArenaPlan, _ network: NetworkShape, _ shape: EngineShape) {
    let count = network.layout.count
    let total = Level(plan, network, count: count)
    isTree = shape.ranks.world > 1
    isAccumulated = isTree && shape.accumulationSteps > 1
    let tree = SumTree.levels(shape.ranks.local.count)
    let further = isAccumulated ? tree : tree - 1
    let levels = (0..<further).map { _ in Level(plan, network, count: count) }
    self.total = total
    self.levels = isAccumulated ? levels : [total] + levels
  }

  /// Prepares for the micro-batches of a step.
  func begin(_ kernels: any Kernels) {
    if isAccumulated || !isTree { kernels.fill(total.buffer, with: 0) }
  }

  /// Returns where a rank adds the gradients of a micro-batch.
  func enter(_ kernels: any Kernels, _ node: SumTree.Node) -> NetworkParameters {
    let level = levels[node.level]
    if isTree { kernels.fill(level.buffer, with: 0) }
    return level.parameters
  }

  /// Adds a node of the tree to another.
  func add(_ kernels: any Kernels, _ from: SumTree.Node, to: SumTree.Node) {
    kernels.add(levels[from.level].buffer, scale: 1, to: levels[to.level].buffer)
  }

  /// Completes a micro-batch: the sum over the ranks of this process becomes that over all ranks.
  func finish(_ kernels: any Kernels) {
    guard isTree else { return }
    kernels.allReduceSum(levels[0].buffer)
    if isAccumulated { kernels.add(levels[0].buffer, scale: 1, to: total.buffer) }
  }
}
