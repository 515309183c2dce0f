import Kernels
import Tensor

/// DINOv2's vision transformer over packed sequences: crops of several sizes in one token matrix, with
/// attention within each crop only. DINOv3's, whose positions are rotations, runs forward only.
package struct VisionTransformer {
  /// The parameters of a backbone, as regions of the arena.
  package struct Parameters: Sendable {
    let clsToken: Buffer
    /// Learned positions; nil if positions are rotations.
    let posEmbed: Matrix?
    let registerTokens: Matrix?
    let maskToken: Buffer
    let patchEmbed: LinearParameters
    let blocks: [TransformerBlock.Parameters]
    let norm: NormParameters

    /// Adds the tensors of a backbone to the layout, under the names of the official code.
    package init(_ builder: inout ParameterBuilder, _ shape: BackboneShape) {
      let width = shape.embedDim
      let positions = 1 + shape.grid * shape.grid
      clsToken = builder.vector("cls_token", [1, 1, width], .normal(deviation: 1e-6))
      posEmbed =
        shape.rotary != nil
        ? nil
        : builder.matrix(
          "pos_embed", rows: positions, columns: width, shape: [1, positions, width],
          .truncatedNormal(deviation: 0.02))
      registerTokens =
        shape.registers == 0
        ? nil
        : builder.matrix(
          "register_tokens", rows: shape.registers, columns: width,
          shape: [1, shape.registers, width], .normal(deviation: 1e-6))
      maskToken = builder.vector("mask_token", [1, width], .constant(0))
      patchEmbed = builder.scope("patch_embed") {
        LinearParameters(
          &$0, "proj", channels: shape.channels, patch: shape.patchSize, outputs: width)
      }
      blocks = (0..<shape.depth).map { number in
        builder.scope("blocks.\(number)") { TransformerBlock.Parameters(&$0, shape) }
      }
      norm = NormParameters(&builder, "norm", width: width, eps: shape.normEpsilon)
    }
  }

  package let shape: BackboneShape
  private let block: TransformerBlock

  package init(_ shape: BackboneShape) {
    self.shape = shape
    block = TransformerBlock(shape)
  }

  /// The forward pass. Returns the normalised features [outputRows, D] of some tokens, which are valid until
  /// the pass is used again.
  ///
  /// - Parameters:
  ///   - patches: a matrix for each crop group, as in `PatchInput`; further ones are ignored.
  ///   - masks: of the first group, the global crops; nil if nothing is masked.
  ///   - keep: the sequences that stochastic depth keeps; nil to compute all.
  ///   - outputRows: the rows of the tokens to return in the packed matrix, each once.
  ///   - earlier: the tokens of earlier blocks to return in `BackbonePass.lastLayers`; not together with
  ///     units that come and go.
  ///   - units: makes the parameters of a unit available.
  @discardableResult
  package func forward(
    _ kernels: any Kernels, _ weights: Parameters, patches: [Matrix], masks: [Int32]? = nil,
    keep: [KeptSequences]? = nil, outputRows: [Int32], earlier: EarlierLayers = .none,
    pass: BackbonePass, units: any UnitAccess = ResidentUnits()
  ) -> Matrix {
    precondition((0..<max(1, shape.depth)).contains(earlier.count), "more layers than blocks")
    pass.begin(kernels, masks: masks, keep: keep, outputRows: outputRows, earlier: earlier)
    units.enter(kernels, 0)
    for (number, group) in pass.groups.enumerated() {
      let embedded = pass.embedded.first(group.patches)
      kernels.linear(patches[number], weights.patchEmbed, into: embedded)
      kernels.assembleTokens(
        patches: embedded, cls: weights.clsToken, registers: weights.registerTokens,
        maskToken: weights.maskToken, masks: pass.masks(of: number),
        positions: pass.positions[number].forward(kernels, weights.posEmbed),
        into: pass.tokens(of: number))
    }
    if shape.depth == 0 { norm(kernels, weights, pass, pass.outputs[0]) }
    units.leave(kernels, 0)
    let unasked = shape.depth - earlier.count - 1
    for (number, routes) in pass.routes.enumerated() {
      units.enter(kernels, 1 + number)
      pass.activations.enter(kernels, number, pass.tokens)
      block.forward(
        kernels, pass.tokens, weights.blocks[number], pass.activations[number], routes: routes,
        rotations: pass.rotations, work: pass.work)
      if number >= unasked { norm(kernels, weights, pass, pass.outputs[number - unasked]) }
      units.leave(kernels, 1 + number)
    }
    return pass.outputs.last!.features
  }

  private func norm(
    _ kernels: any Kernels, _ weights: Parameters, _ pass: BackbonePass,
    _ output: BackbonePass.Output
  ) {
    kernels.layerNorm(
      pass.tokens, rows: output.rows, weight: weights.norm.weight, bias: weights.norm.bias,
      eps: weights.norm.eps, normalised: output.normalised, rstd: output.rstd, into: output.features
    )
  }

  /// The backward pass of the last `forward`: adds the gradients by the parameters to `gradients`. Only
  /// for learned positions.
  ///
  /// - Parameters:
  ///   - frozen: what does not learn, whose gradients stay as they are.
  ///   - units: makes the parameters and the gradients of a unit available; those of a unit that it leaves are
  ///     complete.
  package func backward(
    _ kernels: any Kernels, dFeatures: Matrix, _ weights: Parameters, _ gradients: Parameters,
    patches: [Matrix], frozen: FrozenPart = .nothing, pass: BackbonePass,
    units: any UnitAccess = ResidentUnits()
  ) {
    let first = frozen.units(depth: shape.depth)
    defer {
      // Whoever sums gradients over ranks waits for all of them.
      for unit in (0..<first).reversed() {
        units.enter(kernels, unit)
        units.leave(kernels, unit)
      }
    }
    guard first <= shape.depth else { return }
    let dTokens = pass.training!.dTokens
    let output = pass.outputs[0]
    precondition(pass.outputs.count == 1 && output.features.rows == dFeatures.rows)
    kernels.fill(dTokens.buffer, with: 0)
    // The last unit has the final norm.
    units.enter(kernels, shape.depth)
    kernels.layerNormBackward(
      dFeatures, normalised: output.normalised, rstd: output.rstd,
      weight: weights.norm.weight, rows: output.rows, dx: dTokens,
      dWeight: gradients.norm.weight, dBias: gradients.norm.bias)
    blocksBackward(kernels, dTokens, weights, gradients, from: first, pass: pass, units: units)
    guard first == 0 else { return }
    if shape.depth > 0 { units.enter(kernels, 0) }
    embeddingBackward(kernels, dTokens, weights, gradients, patches: patches, pass: pass)
    units.leave(kernels, 0)
  }

  /// The backward pass of the blocks, down to the first unit that learns.
  private func blocksBackward(
    _ kernels: any Kernels, _ dTokens: Matrix, _ weights: Parameters, _ gradients: Parameters,
    from first: Int, pass: BackbonePass, units: any UnitAccess
  ) {
    for (number, routes) in pass.routes.enumerated().reversed() where number + 1 >= first {
      if number < shape.depth - 1 { units.enter(kernels, 1 + number) }
      let kept = pass.activations[number]
      pass.activations.restore(kernels, number, pass.tokens) {
        block.forward(
          kernels, pass.tokens, weights.blocks[number], kept, routes: routes,
          rotations: pass.rotations, work: pass.work)
      }
      block.backward(
        kernels, dTokens, weights.blocks[number], gradients.blocks[number], kept, routes: routes,
        work: pass.work, workspace: pass.training!.workspace)
      units.leave(kernels, 1 + number)
    }
  }

  /// The backward pass of the tokens' assembly and of the patch embedding.
  private func embeddingBackward(
    _ kernels: any Kernels, _ dTokens: Matrix, _ weights: Parameters, _ gradients: Parameters,
    patches: [Matrix], pass: BackbonePass
  ) {
    for (number, group) in pass.groups.enumerated() {
      let dPatches = pass.embedded.first(group.patches)
      let positions = pass.positions[number]
      let learned = gradients.posEmbed!
      kernels.assembleTokensBackward(
        pass.rows(of: number, in: dTokens), masks: pass.masks(of: number), dPatches: dPatches,
        dCls: gradients.clsToken, dRegisters: gradients.registerTokens,
        dMaskToken: gradients.maskToken,
        dPositions: positions.gradient(kernels, learned))
      positions.backward(kernels, learned)
      kernels.linearBackward(
        dPatches, x: patches[number], weights.patchEmbed, gradients.patchEmbed, dx: nil)
    }
  }
}
