import Kernels
import Model
import Tensor

/// A student or teacher: its parameters, the memory of its passes, and how it sees a batch.
struct Network {
  let shape: NetworkShape
  let parameters: Buffer
  let weights: NetworkParameters
  let pass: BackbonePass
  private let backbone: VisionTransformer
  private let head = ProjectionHead()
  private let dinoPass: ProjectionHead.Pass
  private let ibotPass: ProjectionHead.Pass?

  /// - Parameters:
  ///   - clsRows, patchRows: the most CLS tokens and patches that go through the heads.
  init(
    _ plan: ArenaPlan, _ shape: NetworkShape, groups: [CropGroup], clsRows: Int, patchRows: Int,
    forTraining: Bool
  ) {
    self.shape = shape
    parameters = plan.buffer(shape.layout.count)
    weights = NetworkParameters(in: parameters, shape)
    backbone = VisionTransformer(shape.backbone)
    pass = BackbonePass(
      plan, shape.backbone, groups: groups, outputs: clsRows + patchRows, forTraining: forTraining)
    // A tied head sees CLS tokens and patches together.
    dinoPass = ProjectionHead.Pass(
      plan, shape.dinoHead, rows: clsRows + (shape.ibotHead == nil ? patchRows : 0),
      forTraining: forTraining)
    ibotPass = shape.ibotHead.map {
      ProjectionHead.Pass(plan, $0, rows: patchRows, forTraining: forTraining)
    }
  }

  /// Features of the CLS tokens and patches whose rows are given, in that order.
  func features(
    _ kernels: any Kernels, patches: [Matrix], masks: [[Int32]?], keep: [KeptSequences]?,
    rows: [Int32]
  ) -> Matrix {
    backbone.forward(
      kernels, weights.backbone, patches: patches, masks: masks, keep: keep, outputRows: rows,
      pass: pass)
  }

  /// Logits of the first `cls` rows of features, and of the patches that follow.
  func logits(_ kernels: any Kernels, _ features: Matrix, cls: Int) -> (cls: Matrix, patch: Matrix)
  {
    guard let ibotPass, let ibotWeights = weights.ibotHead else {
      let logits = head.forward(kernels, weights.dinoHead, features, pass: dinoPass)
      return (logits.first(cls), logits.rows(cls..<features.rows))
    }
    return (
      head.forward(kernels, weights.dinoHead, features.first(cls), pass: dinoPass),
      head.forward(kernels, ibotWeights, features.rows(cls..<features.rows), pass: ibotPass)
    )
  }

  /// From the gradients that the losses left in the logits to that by the features. `isPart`: the
  /// batch is one of several, and `finishHeads` comes after the last.
  func headsBackward(
    _ kernels: any Kernels, _ features: Matrix, cls: Int, gradients: NetworkParameters,
    dFeatures: Matrix, isPart: Bool
  ) {
    func backward(
      _ rows: Range<Int>, _ weights: ProjectionHead.Parameters,
      _ gradients: ProjectionHead.Parameters, _ pass: ProjectionHead.Pass
    ) {
      head.backward(
        kernels, dLogits: pass.logits.first(rows.count), x: features.rows(rows), weights,
        gradients, pass: pass, dx: dFeatures.rows(rows), isPart: isPart)
    }
    guard let ibotPass, let ibotWeights = weights.ibotHead, let ibotGradients = gradients.ibotHead
    else {
      backward(0..<features.rows, weights.dinoHead, gradients.dinoHead, dinoPass)
      return
    }
    backward(0..<cls, weights.dinoHead, gradients.dinoHead, dinoPass)
    if features.rows > cls {
      backward(cls..<features.rows, ibotWeights, ibotGradients, ibotPass)
    }
  }

  /// Ends a sum of the heads' gradients over several batches.
  func finishHeads(_ kernels: any Kernels, gradients: NetworkParameters) {
    head.finish(kernels, weights.dinoHead, gradients.dinoHead)
    if let ibotWeights = weights.ibotHead, let ibotGradients = gradients.ibotHead {
      head.finish(kernels, ibotWeights, ibotGradients)
    }
  }

  /// From the gradient by the features to those by the backbone's parameters.
  func backboneBackward(
    _ kernels: any Kernels, dFeatures: Matrix, gradients: NetworkParameters, patches: [Matrix]
  ) {
    backbone.backward(
      kernels, dFeatures: dFeatures, weights.backbone, gradients.backbone, patches: patches,
      pass: pass)
  }
}

extension NetworkParameters {
  /// The places of a network's tensors in a buffer of its layout's size.
  init(in buffer: Buffer, _ shape: NetworkShape) {
    var builder = ParameterBuilder(in: buffer)
    self.init(&builder, shape)
  }
}
