import Model
import Support

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
    /// `nil`, and omitted, for red, green and blue.
    let inChans: Int?
    /// `nil`, and omitted, if there are no registers.
    let regTokens: Int?
    let noEmbedClass: Bool?
    let numClasses = 0
  }

  struct Pretrained: Encodable {
    let customLoad = false
    let inputSize: [Int]
    let fixedInputSize = true
    let interpolation: String
    let cropPct: Double
    let cropMode: String
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

  /// Throws if timm has no such view of images.
  init(_ weights: BackboneWeights) throws(FileError) {
    let (shape, view) = (weights.shape, weights.preprocessing)
    let size = shape.grid * shape.patchSize
    let hasRegisters = shape.registers > 0
    architecture = Self.architecture(shape)
    numFeatures = shape.embedDim
    modelArgs = Arguments(
      imgSize: size, patchSize: shape.patchSize, embedDim: shape.embedDim, depth: shape.depth,
      numHeads: shape.numHeads, mlpRatio: Self.mlpRatio(shape),
      initValues: Double("\(shape.layerScale)") ?? 1e-5,
      inChans: shape.channels == 3 ? nil : shape.channels,
      regTokens: hasRegisters ? shape.registers : nil, noEmbedClass: hasRegisters ? true : nil)
    pretrainedCfg = Pretrained(
      inputSize: [shape.channels, size, size], interpolation: view.filter.rawValue,
      cropPct: try Self.share(weights), cropMode: view.isSquashed ? "squash" : "center",
      mean: view.mean, std: view.std)
  }

  /// Returns the share of the resized image that is cropped.
  private static func share(_ weights: BackboneWeights) throws(FileError) -> Double {
    let (resize, crop) = (weights.preprocessing.resize, weights.preprocessing.crop)
    switch resize {
    case .shortest(let side) where crop.height == crop.width:
      return Double(crop.height) / Double(side)
    case .exact(let height, let width) where crop.height * width == crop.width * height:
      return Double(crop.height) / Double(height)
    default:
      throw FileError(
        file: weights.source.path,
        what: "looks at images \(crop.height)x\(crop.width) large, which timm cannot be told",
        remedy: "export it as huggingface, dinov2 or safetensors")
    }
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
