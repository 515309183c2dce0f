import Model

/// `config.json` as timm writes it for its models: an entry point, and where these weights differ
/// from what it is called with.
struct TimmConfig: Encodable {
  struct Arguments: Encodable {
    let imgSize: Int
    let patchSize: Int
    let embedDim: Int
    let depth: Int
    let numHeads: Int
    let mlpRatio: Double
    let initValues: Double
    /// nil, and left out, where there are none.
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

  /// The entry point: the released model of that width. The giant alone has the gated layer.
  private static func architecture(_ shape: BackboneShape) -> String {
    let size =
      shape.isGated ? "giant" : [768: "base", 1024: "large"][shape.embedDim] ?? "small"
    return "vit_\(size)_patch14_\(shape.registers > 0 ? "reg4_" : "")dinov2"
  }

  /// timm rounds width × ratio down; of the gated layer it counts both halves.
  private static func mlpRatio(_ shape: BackboneShape) -> Double {
    let width = shape.isGated ? 2 * shape.hiddenWidth : shape.hiddenWidth
    let ratio = Double(width) / Double(shape.embedDim)
    return Int(ratio * Double(shape.embedDim)) == width ? ratio : ratio.nextUp
  }
}
