import FoundationEssentials
import Model
import Objective

/// `case.json` of a recorded case: sizes and settings, as the reference that recorded it names them.
struct CaseDescription: Decodable {
  struct Head: Decodable {
    var prototypes: Int
    var hiddenDim: Int
    var bottleneckDim: Int
    var layers: Int?
  }

  struct Step: Decodable {
    var lr: Double
    var lastLayerLr: Double
    var weightDecay: Double
    var momentum: Double
    var teacherTemp: Double
  }

  var embedDim: Int
  var depth: Int
  var numHeads: Int
  var patchSize: Int
  var imgSize: Int
  var layerscale: Double
  var batch: Int
  var globalSize: Int
  var localSize: Int
  var localCrops: Int
  var dropPath: Double?
  var dinoHead: Head
  var ibotHead: Head?
  var separateHead: Bool?
  var dinoWeight: Double
  var koleoWeight: Double
  var ibotWeight: Double
  var layerwiseDecay: Double
  var patchEmbedLrMult: Double
  var clipGrad: Double
  var ffnLayer: String?
  var numRegisterTokens: Int?
  var interpolateAntialias: Bool?
  var interpolateOffset: Double?
  var steps: [Step]
}

/// What `expected.json` says of one step.
struct ExpectedStep: Decodable {
  var total: Double
  var dinoLocalCropsLoss: Double
  var dinoGlobalCropsLoss: Double
  var koleoLoss: Double
  var ibotLoss: Double
  var gradNorm: [String: Double]
}

extension CaseDescription {
  var isGated: Bool { ffnLayer.map { $0 != "mlp" } ?? false }
  var isUntied: Bool { separateHead ?? true }

  var lossWeights: LossWeights {
    LossWeights(dino: Float(dinoWeight), koleo: Float(koleoWeight), ibot: Float(ibotWeight))
  }

  var backbone: BackboneShape {
    BackboneShape(
      embedDim: embedDim, depth: depth, numHeads: numHeads, patchSize: patchSize,
      grid: imgSize / patchSize,
      hiddenWidth: isGated ? (4 * embedDim * 2 / 3 + 7) / 8 * 8 : 4 * embedDim, isGated: isGated,
      registers: numRegisterTokens ?? 0, layerScale: Float(layerscale),
      interpolateAntialias: interpolateAntialias ?? false,
      interpolateOffset: interpolateOffset ?? 0.1)
  }

  /// The engine that replays the case; every patch of every crop may be masked.
  var engineShape: EngineShape {
    func shape(_ head: Head) -> HeadShape {
      HeadShape(
        inputs: embedDim, hidden: head.hiddenDim, bottleneck: head.bottleneckDim,
        prototypes: head.prototypes, layers: head.layers ?? 3)
    }
    let grid = globalSize / patchSize
    return EngineShape(
      network: NetworkShape(
        backbone: backbone, dinoHead: shape(dinoHead),
        ibotHead: isUntied ? shape(ibotHead ?? dinoHead) : nil),
      counts: CropCounts(images: batch, localCrops: localCrops), globalCropsSize: globalSize,
      localCropsSize: localSize, maskedPatches: 2 * batch * grid * grid,
      centering: .sinkhornKnopp)
  }

  /// What is wrong with the sizes, before anything is computed with them.
  var problem: String? {
    let sizes = [
      ("embed_dim", embedDim), ("depth", depth), ("num_heads", numHeads),
      ("patch_size", patchSize), ("batch", batch), ("global_size", globalSize),
      ("img_size", imgSize),
    ]
    if let (name, size) = sizes.first(where: { !(1...100_000).contains($0.1) }) {
      return "\(name) is \(size)"
    }
    if embedDim % numHeads != 0 { return "embed_dim \(embedDim) is no multiple of num_heads" }
    for (name, size) in [
      ("global_size", globalSize), ("local_size", localSize), ("img_size", imgSize),
    ] where size % patchSize != 0 {
      return "\(name) \(size) is no multiple of patch_size \(patchSize)"
    }
    return steps.isEmpty ? "it has no steps" : nil
  }

  /// Reads JSON whose keys are in snake case.
  static func decode<Value: Decodable>(_ type: Value.Type, from text: String) throws -> Value {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(type, from: Data(text.utf8))
  }
}
