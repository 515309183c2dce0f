import Kernels
import Tensor

/// What decides a vision transformer's tensors.
package struct BackboneShape: Sendable, Equatable {
  package var embedDim: Int
  package var depth: Int
  package var numHeads: Int
  package var patchSize: Int
  /// Side of the square grid of patches that `pos_embed` is trained on.
  package var grid: Int
  package var hiddenWidth: Int
  /// SwiGLU in the place of the MLP.
  package var isGated: Bool
  package var registers: Int
  /// What LayerScale's gamma begins with.
  package var layerScale: Float
  package var interpolateAntialias: Bool
  package var interpolateOffset: Double

  package init(
    embedDim: Int, depth: Int, numHeads: Int, patchSize: Int, grid: Int, hiddenWidth: Int,
    isGated: Bool = false, registers: Int = 0, layerScale: Float = 1e-5,
    interpolateAntialias: Bool = false, interpolateOffset: Double = 0.1
  ) {
    precondition(embedDim % numHeads == 0)
    self.embedDim = embedDim
    self.depth = depth
    self.numHeads = numHeads
    self.patchSize = patchSize
    self.grid = grid
    self.hiddenWidth = hiddenWidth
    self.isGated = isGated
    self.registers = registers
    self.layerScale = layerScale
    self.interpolateAntialias = interpolateAntialias
    self.interpolateOffset = interpolateOffset
  }

  /// Outputs of the feed-forward layer's first linear layer: gate and value side by side, if gated.
  package var wideWidth: Int { isGated ? 2 * hiddenWidth : hiddenWidth }

  /// Numbers of a patch: three colours a pixel.
  package var patchElements: Int { 3 * patchSize * patchSize }

  /// What a pass keeps activations in on a device: bfloat16 only where rows of heads and of hidden
  /// layers are an even number of columns.
  package func activationElement(on device: any Device) -> Element {
    embedDim / numHeads % 2 == 0 && hiddenWidth % 2 == 0 ? device.activationElement : .fp32
  }

  /// Tokens before the first patch: CLS and registers.
  package var leadingTokens: Int { 1 + registers }
}

/// What decides a projection head's tensors.
package struct HeadShape: Sendable, Equatable {
  package var inputs: Int
  package var hidden: Int
  package var bottleneck: Int
  package var prototypes: Int
  /// Linear layers before the prototypes.
  package var layers: Int

  package init(inputs: Int, hidden: Int, bottleneck: Int, prototypes: Int, layers: Int = 3) {
    self.inputs = inputs
    self.hidden = hidden
    self.bottleneck = bottleneck
    self.prototypes = prototypes
    self.layers = layers
  }
}

/// What decides the tensors of a student or teacher.
package struct NetworkShape: Sendable, Equatable {
  package var backbone: BackboneShape
  package var dinoHead: HeadShape
  /// nil: patches go through the DINO head too (tied heads).
  package var ibotHead: HeadShape?

  package init(backbone: BackboneShape, dinoHead: HeadShape, ibotHead: HeadShape?) {
    self.backbone = backbone
    self.dinoHead = dinoHead
    self.ibotHead = ibotHead
  }
}
