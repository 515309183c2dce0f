import Model
import Store
import Support

/// The `config.json` of `Dinov2Model` and `Dinov2WithRegistersModel`.
struct HuggingFaceConfig: Encodable {
  /// Fields that must have a decimal point, since newer versions of transformers reject integers
  /// here.
  static let floats = ["layerscale_value"]

  let architectures: [String]
  let modelType: String
  let hiddenSize: Int
  let numHiddenLayers: Int
  let numAttentionHeads: Int
  let mlpRatio: Int
  let imageSize: Int
  let patchSize: Int
  let layerscaleValue: Double
  let useSwigluFfn: Bool
  /// `nil`, and omitted, if there are no registers.
  let numRegisterTokens: Int?
  /// `nil`, and omitted, if there are registers.
  let useMaskToken: Bool?
  let numChannels: Int
  let hiddenAct = "gelu"
  let layerNormEps = 1e-6
  let qkvBias = true
  let attentionProbsDropoutProb = 0.0
  let hiddenDropoutProb = 0.0
  let dropPathRate = 0.0
  let initializerRange = 0.02
  let applyLayernorm = true
  let reshapeHiddenStates = true
  let torchDtype = "float32"

  init(_ weights: BackboneWeights) throws(FileError) {
    let shape = weights.shape
    let hasRegisters = shape.registers > 0
    // The feed-forward width has no field. The model computes it from an integer ratio.
    guard
      let ratio = (1...64).first(where: { Self.hiddenWidth(shape, ratio: $0) == shape.hiddenWidth })
    else {
      throw FileError(
        file: weights.source.path,
        what:
          "has a feed-forward layer \(shape.hiddenWidth) wide on tokens \(shape.embedDim) wide, "
          + "which Dinov2Model does not support",
        remedy: "export it as timm, dinov2 or safetensors")
    }
    architectures = [hasRegisters ? "Dinov2WithRegistersModel" : "Dinov2Model"]
    modelType = hasRegisters ? "dinov2_with_registers" : "dinov2"
    hiddenSize = shape.embedDim
    numHiddenLayers = shape.depth
    numAttentionHeads = shape.numHeads
    mlpRatio = ratio
    imageSize = shape.grid * shape.patchSize
    patchSize = shape.patchSize
    numChannels = shape.channels
    layerscaleValue = Double("\(shape.layerScale)") ?? 1e-5
    useSwigluFfn = shape.isGated
    numRegisterTokens = hasRegisters ? shape.registers : nil
    useMaskToken = hasRegisters ? nil : true
  }

  /// Returns the feed-forward width that the model computes from a ratio.
  private static func hiddenWidth(_ shape: BackboneShape, ratio: Int) -> Int {
    let width = shape.embedDim * ratio
    return shape.isGated ? (width * 2 / 3 + 7) / 8 * 8 : width
  }
}

/// The `preprocessor_config.json`: how to prepare images for evaluation.
struct HuggingFacePreprocessor: Encodable {
  /// The shorter side, or both.
  struct Size: Encodable {
    var shortestEdge, height, width: Int?
  }

  let imageProcessorType = "BitImageProcessor"
  let doConvertRgb = true
  let doResize = true
  let size: Size
  /// PIL's constant for the filter.
  let resample: Int
  let doCenterCrop = true
  let cropSize: Size
  let doRescale = true
  let rescaleFactor = 1.0 / 255
  let doNormalize = true
  let imageMean: [Double]
  let imageStd: [Double]

  init(_ view: Preprocessing) {
    size =
      switch view.resize {
      case .shortest(let side): Size(shortestEdge: side)
      case .exact(let height, let width): Size(height: height, width: width)
      }
    resample = view.filter == .bilinear ? 2 : 3
    cropSize = Size(height: view.crop.height, width: view.crop.width)
    imageMean = view.mean
    imageStd = view.std
  }
}
