import Model

/// The `config.json` that timm writes for its models: the name of an entry point, and the arguments
/// in which these weights differ from its defaults.
struct TimmConfig: Encodable {
  struct Arguments: Encodable {
    let imgSize: Int
    let patchSize: Int
    let embedDim: Int
    let depth: Int
    let numHeads: Int
    let mlpRatio: Double
    let initValues: Double
    /// `nil`, and omitted, if there are no registers.
    let regTokens: Int?
    let noEmbedClass: Bool?
    let numClasses = 0
  }

  struct Pretrained: Encodable {
    let customLoad = false
    let inputSize: [Int]
    let fixedInputSize = true
    let interpolation = "bicubic"
    let cropPct: Double
    let cropMode = "center"
    let mean: [Double]
    let std: [Double]
    let numClasses = 0
    let firstConv = "patch_embed.proj"
    let classifier = "head"
  }

  let architecture: String
  let numClasses = 0
  let numFeatures: Int
  let globalPool = "token"
  let modelArgs: Arguments
  let pretrainedCfg: Pretrained

  init(_ weights: BackboneWeights) {
    let (shape, view) = (weights.shape, weights.preprocessing)
    let size = shape.grid * shape.patchSize
    let hasRegisters = shape.registers > 0
    architecture = Self.architecture(shape)
    numFeatures = shape.embedDim
    modelArgs = Arguments(
      imgSize: size, patchSize: shape.patchSize, embedDim: shape.embedDim, depth: shape.depth,
      numHeads: shape.numHeads, mlpRatio: Self.mlpRatio(shape),
      initValues: Double("\(shape.layerScale)") ?? 1e-5,
      regTokens: hasRegisters ? shape.registers : nil, noEmbedClass: hasRegisters ? true : nil)
    pretrainedCfg = Pretrained(
      inputSize: [3, size, size], cropPct: Double(view.crop) / Double(view.resize),
      mean: view.mean, std: view.std)
  }

  /// Returns the entry point: the released model of the same width. Only the giant one has SwiGLU.
  private static func architecture(_ shape: BackboneShape) -> String {
    let size =
      shape.isGated ? "giant" : [768: "base", 1024: "large"][shape.embedDim] ?? "small"
    return "vit_\(size)_patch14_\(shape.registers > 0 ? "reg4_" : "")dinov2"
  }

  /// Returns the ratio from which timm computes the feed-forward width.
  /// timm rounds width × ratio down, and counts both halves of SwiGLU's first layer.
  private static func mlpRatio(_ shape: BackboneShape) -> Double {
    let width = shape.isGated ? 2 * shape.hiddenWidth : shape.hiddenWidth
    let ratio = Double(width) / Double(shape.embedDim)
    return Int(ratio * Double(shape.embedDim)) == width ? ratio : ratio.nextUp
  }
}
