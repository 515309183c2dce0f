import Kernels
import Tensor

/// The memory of a backbone's passes over given crop groups, and the state of the last one.
package final class BackbonePass {
  /// What only a training pass has.
  struct Training {
    let dTokens: Matrix
    let scratch: BlockScratch
  }

  /// Tokens that are asked for after a block.
  struct Output {
    let rows: Indices
    let features: Matrix
    let normalised: Matrix
    let rstd: Buffer
  }

  package let groups: [CropGroup]
  let shape: BackboneShape
  let tokens: Matrix
  let embedded: Matrix
  let positions: [GroupPositions]
  /// [outputs, D]: the normalised tokens that the last pass was asked for, first in this order.
  package let features: Matrix
  private let normalised: Matrix
  private let rstd: Buffer
  private(set) var training: Training?
  private(set) var activations: ActivationStore
  private(set) var work: BlockWork!
  private let forTraining: Bool
  private let element: Element
  /// The most tokens that a block computes.
  private let computed: Int
  private let masks: [Indices]
  private let rows: Indices
  private let routePlan: RoutePlan?

  private(set) var routes: [BlockRoutes] = []
  /// What the last pass was asked for, block by block: its rows and their place in `features`.
  private(set) var outputs: [Output] = []
  private var masked: [Bool] = []

  /// - Parameters:
  ///   - outputs: the most tokens that a pass is asked for, over all blocks.
  ///   - retention: how a training pass keeps every block's activations; nil: it is none.
  ///   - dropPathRates: stochastic depth's in each block, as every pass will draw it; empty: a pass
  ///     may ask for everything.
  ///   - element: what activations are: bf16 where products round them anyway.
  ///   - inParts: `planWork` and `planScratch` will be called, where that memory is to lie; else all
  ///     is planned here.
  package init(
    _ plan: ArenaPlan, _ shape: BackboneShape, groups: [CropGroup], outputs: Int,
    retention: Retention?, dropPathRates: [Double] = [], element: Element = .fp32,
    inParts: Bool = false
  ) {
    self.groups = groups
    self.element = element
    self.shape = shape
    let width = shape.embedDim
    let count = groups.reduce(0) { $0 + $1.sequences(shape).tokens }
    tokens = plan.matrix(count, width)
    embedded = plan.matrix(groups.map(\.patches).max() ?? 0, width)
    positions = groups.map {
      GroupPositions(plan, shape, group: $0, forTraining: retention != nil)
    }
    features = plan.matrix(outputs, width)
    normalised = plan.matrix(outputs, width)
    rstd = plan.buffer(outputs)
    masks = groups.map { plan.indices($0.patches) }
    rows = plan.indices(outputs)
    let computed = StochasticDepth.tokens(
      rates: dropPathRates.isEmpty ? Array(repeating: 0, count: shape.depth) : dropPathRates,
      groups: groups, shape, outputs: outputs)
    self.computed = computed.map(\.attention).max() ?? 0
    forTraining = retention != nil
    activations = ActivationStore(
      plan, shape, tokens: computed, all: count, element: element, retention: retention)
    routePlan = RoutePlan(plan, groups: groups, shape: shape)
    guard !inParts else { return }
    planWork(plan)
    planScratch(plan)
  }

  /// Plans what is used only while `forward` or `backward` runs.
  package func planWork(_ plan: ArenaPlan) {
    activations.planWork(plan)
    work = BlockWork(plan, tokens: computed, shape, element)
  }

  /// Plans what is used only while `backward` runs.
  package func planScratch(_ plan: ArenaPlan) {
    guard forTraining else { return }
    training = Training(
      dTokens: plan.matrix(tokens.rows, shape.embedDim),
      scratch: BlockScratch(plan, tokens: computed, shape, element))
  }

  /// Uploads what never changes; once, after the plan's memory was reserved.
  package func prepare(_ kernels: any Kernels) {
    for group in positions { group.prepare(kernels) }
  }

  func begin(
    _ kernels: any Kernels, masks given: [[Int32]?], keep: [KeptSequences]?, layerRows: [[Int32]]
  ) {
    precondition(given.count == groups.count)
    precondition(layerRows.reduce(0) { $0 + $1.count } <= rows.count)
    masked = given.map { $0 != nil }
    for (target, mask) in zip(masks, given) {
      if let mask { kernels.upload(mask, to: target) }
    }
    var start = 0
    outputs = layerRows.map { wanted in
      let range = start..<start + wanted.count
      start = range.upperBound
      kernels.upload(wanted, to: rows[range])
      return Output(
        rows: rows[range], features: features.rows(range), normalised: normalised.rows(range),
        rstd: rstd[range])
    }
    routes = routePlan!.routes(kernels, keep: keep, outputs: layerRows.last ?? [])
  }

  func masks(of group: Int) -> Indices? { masked[group] ? masks[group] : nil }

  /// A group's rows of the packed tokens.
  func tokens(of group: Int) -> Matrix { rows(of: group, in: tokens) }

  /// A group's rows of a matrix with a row for each token.
  func rows(of group: Int, in matrix: Matrix) -> Matrix {
    let first = groups[..<group].reduce(0) { $0 + $1.sequences(shape).tokens }
    return matrix.rows(first..<first + groups[group].sequences(shape).tokens)
  }
}

extension BackbonePass {
  /// The packed row of each crop's CLS token in a group.
  package func clsRows(group: Int) -> [Int32] {
    let sequences = groups[group].sequences(shape)
    let first = groups[..<group].reduce(0) { $0 + $1.sequences(shape).tokens }
    return (0..<sequences.count).map { Int32(first + $0 * sequences.length) }
  }

  /// The packed rows of patches in a group, counted through all its crops: patch p of crop c is
  /// c · patchesEach + p.
  package func patchRows(group: Int, _ patches: [Int]) -> [Int32] {
    let each = groups[group].patchesEach
    let sequences = groups[group].sequences(shape)
    let first = groups[..<group].reduce(0) { $0 + $1.sequences(shape).tokens }
    return patches.map {
      Int32(first + $0 / each * sequences.length + shape.leadingTokens + $0 % each)
    }
  }
}

/// A crop group's positions: the learned ones themselves, or interpolated to the group's grid.
struct GroupPositions {
  private struct Interpolated {
    let values: [Float]
    let weights: Matrix
    let positions: Matrix
    let dPositions: Matrix?
  }

  private let interpolated: Interpolated?

  init(_ plan: ArenaPlan, _ shape: BackboneShape, group: CropGroup, forTraining: Bool) {
    guard group.rows != shape.grid || group.columns != shape.grid else {
      interpolated = nil
      return
    }
    let matrix = PositionInterpolation(
      grid: shape.grid, rows: group.rows, columns: group.columns,
      antialias: shape.interpolateAntialias, offset: shape.interpolateOffset)
    let count = 1 + group.patchesEach
    interpolated = Interpolated(
      values: matrix.weights, weights: plan.matrix(count, 1 + shape.grid * shape.grid),
      positions: plan.matrix(count, shape.embedDim),
      dPositions: forTraining ? plan.matrix(count, shape.embedDim) : nil)
  }

  func prepare(_ kernels: any Kernels) {
    if let interpolated { kernels.upload(interpolated.values, to: interpolated.weights.buffer) }
  }

  /// The positions of the group's grid.
  func forward(_ kernels: any Kernels, _ learned: Matrix) -> Matrix {
    guard let interpolated else { return learned }
    kernels.multiply(
      interpolated.weights, transposed: false, learned, accumulate: false,
      into: interpolated.positions)
    return interpolated.positions
  }

  /// Where the gradient by the group's positions is to be added.
  func gradient(_ kernels: any Kernels, _ dLearned: Matrix) -> Matrix {
    guard let target = interpolated?.dPositions else { return dLearned }
    kernels.fill(target.buffer, with: 0)
    return target
  }

  /// Carries the gradient over to the learned positions.
  func backward(_ kernels: any Kernels, _ dLearned: Matrix) {
    guard let interpolated, let gradient = interpolated.dPositions else { return }
    kernels.multiply(
      interpolated.weights, transposed: true, gradient, accumulate: true, into: dLearned)
  }
}
