import Kernels
import Tensor

/// The memory of a backbone's passes over some crop groups, and the state of the last pass.
package final class BackbonePass {
  /// The memory that only training needs.
  struct Training {
    let dTokens: Matrix
    let workspace: BlockWorkspace
  }

  /// The tokens that a pass returns after a block.
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
  /// For each crop group what turns its patches' queries and keys; empty if positions are learned.
  let rotations: [Matrix]
  /// [outputs, D]: the normalised tokens that the last pass returned, in the order of its `outputRows`.
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
  private let masks: Indices
  private let rows: Indices
  private let routePlan: RoutePlan

  /// The tokens that the last pass returned, one entry for each of the last blocks.
  private(set) var outputs: [Output] = []
  private var isMasked = false

  /// Plans the memory of passes.
  ///
  /// - Parameters:
  ///   - outputs: the most tokens that a pass returns, over all blocks.
  ///   - retention: how activations are retained for training; nil for passes without a backward pass.
  ///   - dropPathRates: the rate of stochastic depth in each block by which every pass draws; empty if
  ///     passes may compute everything.
  ///   - element: the type of activations, bf16 where products round them anyway.
  ///   - inParts: whether the caller plans the rest by `planWork` and `planWorkspace`; otherwise all is
  ///     planned here.
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
    precondition(shape.rotary == nil || retention == nil, "rotations have no backward pass")
    positions = groups.map {
      GroupPositions(plan, shape, group: $0, forTraining: retention != nil)
    }
    rotations = positions.compactMap(\.rotation)
    features = plan.matrix(outputs, width)
    normalised = plan.matrix(outputs, width)
    rstd = plan.buffer(outputs)
    masks = plan.indices(groups.first?.patches ?? 0)
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
    planWorkspace(plan)
  }

  /// Plans what is used only during `forward` and `backward`.
  package func planWork(_ plan: ArenaPlan) {
    activations.planWork(plan)
    work = BlockWork(plan, tokens: computed, shape, element)
  }

  /// Plans what is used only during `backward`.
  package func planWorkspace(_ plan: ArenaPlan) {
    guard forTraining else { return }
    training = Training(
      dTokens: plan.matrix(tokens.rows, shape.embedDim),
      workspace: BlockWorkspace(plan, tokens: computed, shape, element))
  }

  /// Uploads the constants of a pass. To be called after the memory was reserved, and again after another
  /// pass used the same memory.
  package func prepare(_ kernels: any Kernels) {
    for group in positions { group.prepare(kernels) }
  }

  func begin(
    _ kernels: any Kernels, masks given: [Int32]?, keep: [KeptSequences]?, outputRows: [Int32],
    earlier: EarlierLayers
  ) {
    precondition(outputRows.count + earlier.count * earlier.rows.count <= rows.count)
    isMasked = given != nil
    if let given { kernels.upload(given, to: masks) }
    outputs.removeAll(keepingCapacity: true)
    for _ in 0..<earlier.count { addOutput(kernels, earlier.rows) }
    addOutput(kernels, outputRows)
    routePlan.choose(kernels, keep: keep, outputs: outputRows)
  }

  private func addOutput(_ kernels: any Kernels, _ wanted: [Int32]) {
    let start = outputs.reduce(0) { $0 + $1.rows.count }
    let range = start..<start + wanted.count
    kernels.upload(wanted, to: rows[range])
    outputs.append(
      Output(
        rows: rows[range], features: features.rows(range), normalised: normalised.rows(range),
        rstd: rstd[range]))
  }

  /// The features after each of the last blocks that the last pass was asked for, all through the final
  /// norm, as the official code's `get_intermediate_layers` returns them.
  package var lastLayers: [Matrix] { outputs.map(\.features) }

  /// The sequences that each block computes in the current pass.
  var routes: [BlockRoutes] { routePlan.routes }

  func masks(of group: Int) -> Indices? { isMasked && group == 0 ? masks : nil }

  /// A group's rows of the packed tokens.
  func tokens(of group: Int) -> Matrix { rows(of: group, in: tokens) }

  /// A group's rows of a matrix with a row for each token.
  func rows(of group: Int, in matrix: Matrix) -> Matrix {
    let first = groups[..<group].reduce(0) { $0 + $1.sequences(shape).tokens }
    return matrix.rows(first..<first + groups[group].sequences(shape).tokens)
  }
}

extension BackbonePass {
  /// Appends the packed rows of the CLS tokens of a group: of all its crops, or of a range of them.
  package func addClsRows(group: Int, crops: Range<Int>? = nil, to rows: inout [Int32]) {
    let sequences = groups[group].sequences(shape)
    let first = groups[..<group].reduce(0) { $0 + $1.sequences(shape).tokens }
    for crop in crops ?? 0..<sequences.count {
      rows.append(Int32(first + crop * sequences.length))
    }
  }

  /// Appends the packed rows of patches of a group. Patches are numbered through all its crops: patch p of
  /// crop c is c · patchesEach + p.
  package func addPatchRows(group: Int, _ patches: [Int], to rows: inout [Int32]) {
    let each = groups[group].patchesEach
    let sequences = groups[group].sequences(shape)
    let first = groups[..<group].reduce(0) { $0 + $1.sequences(shape).tokens }
    for patch in patches {
      rows.append(
        Int32(first + patch / each * sequences.length + shape.leadingTokens + patch % each))
    }
  }
}

/// The blocks before the last one whose tokens a pass returns, too: their number, and the rows of each.
package struct EarlierLayers: Sendable {
  package var count: Int
  package var rows: [Int32]

  /// No features of earlier layers.
  package static let none = EarlierLayers(count: 0, rows: [])

  package init(count: Int, rows: [Int32]) {
    self.count = count
    self.rows = rows
  }
}
