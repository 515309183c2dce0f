import Kernels
import Tensor

/// The shape of a vision transformer.
package struct BackboneShape: Sendable, Equatable, Codable {
  package var embedDim: Int
  package var depth: Int
  package var numHeads: Int
  package var patchSize: Int
  /// The channels of an image.
  package var channels: Int
  /// The side of the square grid of patches that the network is trained for, and `pos_embed` with it.
  package var grid: Int
  package var hiddenWidth: Int
  /// Whether the feed-forward layer is SwiGLU instead of an MLP.
  package var isGated: Bool
  package var registers: Int
  /// The initial value of LayerScale's gamma.
  package var layerScale: Float
  package var interpolateAntialias: Bool
  package var interpolateOffset: Double
  /// What turns queries and keys by the places of their patches (DINOv3); nil if positions are learned.
  /// Such a backbone has no `pos_embed` and no backward pass.
  package var rotary: RotaryPositions?
  /// What keeps LayerNorm from dividing by zero: 1e-6 in DINOv2, 1e-5 in DINOv3.
  package var normEpsilon: Float

  package init(
    embedDim: Int, depth: Int, numHeads: Int, patchSize: Int, channels: Int = 3, grid: Int,
    hiddenWidth: Int, isGated: Bool = false, registers: Int = 0, layerScale: Float = 1e-5,
    interpolateAntialias: Bool = false, interpolateOffset: Double = 0.1,
    rotary: RotaryPositions? = nil, normEpsilon: Float = 1e-6
  ) {
    precondition(embedDim % numHeads == 0)
    precondition(rotary == nil || rotary!.headWidth == embedDim / numHeads)
    self.embedDim = embedDim
    self.depth = depth
    self.numHeads = numHeads
    self.patchSize = patchSize
    self.channels = channels
    self.grid = grid
    self.hiddenWidth = hiddenWidth
    self.isGated = isGated
    self.registers = registers
    self.layerScale = layerScale
    self.interpolateAntialias = interpolateAntialias
    self.interpolateOffset = interpolateOffset
    self.rotary = rotary
    self.normEpsilon = normEpsilon
  }

  /// The outputs of the feed-forward layer's first linear layer; with SwiGLU gate and value side by side.
  package var wideWidth: Int { isGated ? 2 * hiddenWidth : hiddenWidth }

  /// The numbers of a patch, one of each channel for each pixel.
  package var patchElements: Int { channels * patchSize * patchSize }

  /// The type of a pass's activations on a device. They are bfloat16 only if heads and hidden layers have
  /// an even width.
  package func activationElement(on device: any Device) -> Element {
    embedDim / numHeads % 2 == 0 && hiddenWidth % 2 == 0 ? device.activationElement : .fp32
  }

  /// The tokens before the first patch: CLS and registers.
  package var leadingTokens: Int { 1 + registers }
}

/// The shape of a projection head.
package struct HeadShape: Sendable, Equatable, Codable {
  package var inputs: Int
  package var hidden: Int
  package var bottleneck: Int
  /// The prototypes that unit vectors are compared with; 0 if these are the head's output.
  package var prototypes: Int
  /// The linear layers before the prototypes; with none, the features themselves are the output.
  package var layers: Int
  /// Whether the layers' output is scaled to unit vectors, as prototypes need it.
  package var isNormalised: Bool

  package init(
    inputs: Int, hidden: Int, bottleneck: Int, prototypes: Int, layers: Int = 3,
    isNormalised: Bool = true
  ) {
    precondition(isNormalised || prototypes == 0)
    precondition(layers > 0 || (!isNormalised && bottleneck == inputs))
    self.inputs = inputs
    self.hidden = hidden
    self.bottleneck = bottleneck
    self.prototypes = prototypes
    self.layers = layers
    self.isNormalised = isNormalised
  }

  /// No head: the output is the features.
  package static func none(_ backbone: BackboneShape) -> HeadShape {
    HeadShape(
      inputs: backbone.embedDim, hidden: 0, bottleneck: backbone.embedDim, prototypes: 0, layers: 0,
      isNormalised: false)
  }

  /// The width of the output: logits of prototypes, unit vectors, or predicted features.
  package var outputs: Int { prototypes > 0 ? prototypes : bottleneck }

  /// The widths of the input and of each linear layer's output.
  package var widths: [Int] {
    guard layers > 0 else { return [inputs] }
    return [inputs] + Array(repeating: hidden, count: layers - 1) + [bottleneck]
  }
}

/// The shape of a student or teacher.
package struct NetworkShape: Sendable, Equatable, Codable {
  package var backbone: BackboneShape
  package var dinoHead: HeadShape
  /// The head of patches; nil if they go through the DINO head, too (tied heads).
  package var ibotHead: HeadShape?

  package init(backbone: BackboneShape, dinoHead: HeadShape, ibotHead: HeadShape?) {
    self.backbone = backbone
    self.dinoHead = dinoHead
    self.ibotHead = ibotHead
  }
}
