import Kernels
import Model
import Schedule
import Tensor

/// A student or teacher: its parameters, the memory of its passes, and its forward and backward passes.
struct Network {
  let shape: NetworkShape
  let store: ParameterStore
  var weights: NetworkParameters { store.weights }
  let pass: BackbonePass
  private let backbone: VisionTransformer
  private let head = ProjectionHead()
  private let dinoPass: ProjectionHead.Pass
  private let ibotPass: ProjectionHead.Pass?
  /// The most patches that go through the patch head at a time.
  private let patchPart: Int

  /// Rows that go through the patch head at a time: enough to be fast, and so few that their logits are
  /// small compared with the parameters.
  private static let partRows = 384

  /// Plans the memory of a network's passes.
  ///
  /// - Parameters:
  ///   - store: the parameters, already planned, since they outlast the passes.
  ///   - clsRows, patchRows: the most CLS tokens and patches that go through the heads.
  ///   - outputs: the most tokens that a pass of the backbone alone returns, if they are more.
  ///   - retention: how activations are retained for the backward pass; nil without a backward pass.
  ///   - element: the type of activations.
  init(
    _ plan: ArenaPlan, _ shape: NetworkShape, store: ParameterStore, groups: [CropGroup],
    clsRows: Int, patchRows: Int, outputs: Int = 0, retention: Retention?,
    dropPathRates: [Double] = [],
    element: Element
  ) {
    self.shape = shape
    self.store = store
    backbone = VisionTransformer(shape.backbone)
    pass = BackbonePass(
      plan, shape.backbone, groups: groups, outputs: max(clsRows + patchRows, outputs),
      retention: retention,
      dropPathRates: dropPathRates, element: element, inParts: true)
    let part = Self.part(of: patchRows, atMost: Self.partRows)
    patchPart = part
    // Both CLS tokens and patches go through a tied head.
    dinoPass = ProjectionHead.Pass(
      plan, shape.dinoHead, rows: max(clsRows, shape.ibotHead == nil ? part : 0),
      forTraining: retention != nil)
    ibotPass = shape.ibotHead.map {
      ProjectionHead.Pass(plan, $0, rows: part, forTraining: retention != nil)
    }
  }

  /// The rows of a part, if `rows` are divided evenly into as few parts of at most `most` as possible.
  private static func part(of rows: Int, atMost most: Int) -> Int {
    guard rows > 0 else { return 0 }
    let count = (rows + most - 1) / most
    return (rows + count - 1) / count
  }

  /// How many of `rows` patches go through the patch head at a time.
  static func partRows(of rows: Int) -> Int { part(of: rows, atMost: partRows) }

  /// The most elements that the logits of a part have, with either head.
  static func logitsCapacity(_ shape: NetworkShape, clsRows: Int, patchRows: Int) -> Int {
    max(
      clsRows * shape.dinoHead.outputs,
      part(of: patchRows, atMost: partRows) * shape.patchOutputs)
  }

  /// The backbone's forward pass. Returns the features of the tokens whose rows are given, in that order;
  /// the arguments are those of `VisionTransformer.forward`.
  ///
  /// - Parameter withHeads: whether the heads come next, so that their parameters are gathered meanwhile.
  func features(
    _ kernels: any Kernels, patches: [Matrix], masks: [Int32]?, keep: [KeptSequences]?,
    rows: [Int32], withHeads: Bool = true
  ) -> Matrix {
    backbone.forward(
      kernels, weights.backbone, patches: patches, masks: masks, keep: keep, outputRows: rows,
      pass: pass, units: withHeads ? ForwardUnits(store: store) : backboneUnits)
  }

  /// Access to the parameters of the backbone alone.
  var backboneUnits: ForwardUnits {
    ForwardUnits(store: store, pass: 0..<shape.backbone.depth + 1)
  }

  /// The backbone's backward pass, from the gradient by the features to those by its parameters, which
  /// are added to `gradients`, a rank's tensors of `sums`.
  func backboneBackward(
    _ kernels: any Kernels, dFeatures: Matrix, gradients: NetworkParameters, of sums: GradientSums,
    patches: [Matrix], frozen: FrozenPart
  ) {
    backbone.backward(
      kernels, dFeatures: dFeatures, weights.backbone, gradients.backbone, patches: patches,
      frozen: frozen, pass: pass, units: BackwardUnits(store: store, gradients: sums))
  }
}

/// The tokens that go through a head: CLS tokens or patches.
enum HeadKind {
  case cls, patch
}

extension Network {
  /// Calls `body` with the rows of each part that goes through a head at a time.
  private func forEachPart(_ kind: HeadKind, rows: Int, _ body: (Range<Int>) -> Void) {
    guard rows > 0 else { return }
    let size = kind == .cls ? rows : Self.part(of: rows, atMost: patchPart)
    for first in stride(from: 0, to: rows, by: size) { body(first..<min(rows, first + size)) }
  }

  private func head(
    _ kind: HeadKind, _ parameters: NetworkParameters
  ) -> (ProjectionHead.Parameters, ProjectionHead.Pass) {
    guard kind == .patch, let ibotPass, let ibot = parameters.ibotHead else {
      return (parameters.dinoHead, dinoPass)
    }
    return (ibot, ibotPass)
  }

  /// The number of a head's unit: CLS tokens and patches may go through the same head.
  private func unit(_ kind: HeadKind) -> Int {
    shape.backbone.depth + (kind == .patch && ibotPass != nil ? 2 : 1)
  }

  /// Makes a head's parameters available, and prepares its pass: other networks use the same memory.
  private func enterHead(_ kernels: any Kernels, _ kind: HeadKind) {
    ForwardUnits(store: store).enter(kernels, unit(kind))
    let (weights, pass) = head(kind, weights)
    // Of a tied head, the first pass has prepared the second.
    if kind == .cls || ibotPass != nil { head.prepare(kernels, weights, pass: pass) }
  }

  /// The head's forward pass, from features to logits [features.rows, outputs].
  func logits(
    _ kernels: any Kernels, _ kind: HeadKind, _ features: Matrix, into logits: Matrix
  ) {
    enterHead(kernels, kind)
    let (weights, pass) = head(kind, weights)
    forEachPart(kind, rows: features.rows) { part in
      head.forward(
        kernels, weights, features.rows(part), pass: pass, into: logits.rows(part))
    }
  }

  /// The head's forward and backward pass, part after part, so that the logits of all rows never exist
  /// at the same time.
  ///
  /// - Parameters:
  ///   - buffer: the memory for the logits of a part.
  ///   - gradients: a rank's tensors of `sums`, which the head's gradients are added to. With several
  ///     ranks they are complete after the last tokens; with one, `finishHeadGradients` completes them.
  ///   - dFeatures: overwritten with the gradient by the features.
  ///   - loss: gets the rows of a part and their logits [part, outputs], which it replaces by their
  ///     gradient.
  func headForwardBackward(
    _ kernels: any Kernels, _ kind: HeadKind, _ features: Matrix, logits buffer: Buffer,
    gradients: NetworkParameters, of sums: GradientSums, dFeatures: Matrix,
    loss: (_ rows: Range<Int>, _ logits: Matrix) -> Void
  ) {
    enterHead(kernels, kind)
    // CLS tokens are the first to go through a tied head, and patches the last.
    if kind == .cls || ibotPass != nil { sums.enter(kernels, unit(kind)) }
    defer { finishRank(kernels, kind, gradients, sums) }
    let (weights, pass) = head(kind, weights)
    let (gradients, _) = head(kind, gradients)
    forEachPart(kind, rows: features.rows) { part in
      let x = features.rows(part)
      let logits = buffer.matrix(part.count, weights.outputs)
      head.forward(kernels, weights, x, pass: pass, into: logits)
      loss(part, logits)
      head.backward(
        kernels, dLogits: logits, x: x, weights, gradients, pass: pass, dx: dFeatures.rows(part))
    }
  }

  /// Completes the gradients of a rank's head, which are about to be summed over ranks.
  private func finishRank(
    _ kernels: any Kernels, _ kind: HeadKind, _ gradients: NetworkParameters, _ sums: GradientSums
  ) {
    guard sums.isTree, kind == .patch || ibotPass != nil else { return }
    let (weights, _) = head(kind, weights)
    let (gradients, _) = head(kind, gradients)
    head.finishGradients(kernels, weights, gradients)
    sums.leave(kernels, unit(kind))
  }

  /// Completes the heads' gradients after the last micro-batch of the only rank.
  func finishHeadGradients(_ kernels: any Kernels, _ sums: GradientSums) {
    guard !sums.isTree else { return }
    let gradients = sums.parameters
    head.finishGradients(kernels, weights.dinoHead, gradients.dinoHead)
    if let ibotWeights = weights.ibotHead, let ibotGradients = gradients.ibotHead {
      head.finishGradients(kernels, ibotWeights, ibotGradients)
    }
  }
}

extension NetworkParameters {
  /// The tensors of a network within a buffer of its layout's size.
  init(in buffer: Buffer, _ shape: NetworkShape) {
    var builder = ParameterBuilder(in: buffer)
    self.init(&builder, shape)
  }
}
