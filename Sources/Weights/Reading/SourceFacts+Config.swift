import FoundationEssentials
import Store
import Support

/// The fields of a `config.json` of Hugging Face or timm that tensors do not show.
private struct ModelConfig: Decodable {
  struct Arguments: Decodable { var numHeads: Int? }
  struct Pretrained: Decodable {
    var mean: [Double]?
    var std: [Double]?
    var inputSize: [Int]?
    var cropPct: Double?
  }

  var numAttentionHeads: Int?
  var layerscaleValue: Double?
  var modelArgs: Arguments?
  var pretrainedCfg: Pretrained?
}

/// The fields of Hugging Face's `preprocessor_config.json`.
private struct PreprocessorConfig: Decodable {
  struct Size: Decodable {
    var shortestEdge: Int?
    var height: Int?
  }

  var imageMean: [Double]?
  var imageStd: [Double]?
  var size: Size?
  var cropSize: Size?
}

extension SourceFacts {
  /// The file next to weights in a format without metadata. It holds the fields that Dino writes as
  /// metadata to safetensors files.
  static let fileName = "dino.json"

  /// Reads the configuration files of Hugging Face, timm and Dino in a folder.
  init(folder: String) throws(FileError) {
    self.init(
      metadata: try Self.read([String: String].self, folder + "/" + Self.fileName) ?? [:])
    if let config = try Self.read(ModelConfig.self, folder + "/config.json") {
      numHeads = config.numAttentionHeads ?? config.modelArgs?.numHeads ?? numHeads
      layerScale = config.layerscaleValue.map { Float($0) } ?? layerScale
      preprocessing = config.pretrainedCfg.flatMap(Self.preprocessing) ?? preprocessing
    }
    if let config = try Self.read(PreprocessorConfig.self, folder + "/preprocessor_config.json") {
      preprocessing = try Self.preprocessing(config, folder + "/preprocessor_config.json")
    }
  }

  private static func preprocessing(_ config: ModelConfig.Pretrained) -> Preprocessing? {
    guard let mean = config.mean, let std = config.std, let crop = config.inputSize?.last,
      let share = config.cropPct, mean.count == 3, std.count == 3, isSide(crop), share > 0.1,
      share <= 1
    else { return nil }
    return Preprocessing(
      mean: mean, std: std, resize: Int((Double(crop) / share).rounded(.down)), crop: crop)
  }

  private static func preprocessing(
    _ config: PreprocessorConfig, _ path: String
  ) throws(FileError) -> Preprocessing {
    let view = Preprocessing(
      mean: config.imageMean ?? Preprocessing.imageNetMean,
      std: config.imageStd ?? Preprocessing.imageNetStd,
      resize: config.size?.shortestEdge ?? 256, crop: config.cropSize?.height ?? 224)
    guard view.mean.count == 3, view.std.count == 3, view.std.allSatisfy({ $0 > 0 }),
      isSide(view.resize), isSide(view.crop), view.crop <= view.resize
    else {
      throw FileError(
        file: path, what: "does not describe how to resize and normalise an RGB image",
        remedy: "correct it, or remove it to use the defaults")
    }
    return view
  }

  private static func isSide(_ pixels: Int) -> Bool { (1...8192).contains(pixels) }

  /// Reads a JSON file. Returns `nil` if there is none.
  private static func read<Value: Decodable>(
    _ type: Value.Type, _ path: String
  ) throws(FileError) -> Value? {
    guard FileSystem.exists(path) else { return nil }
    let text = try FileInput.text(of: path, limit: 1 << 20)
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    do {
      return try decoder.decode(type, from: Data(text.utf8))
    } catch {
      throw FileError(
        file: path, what: "is not a valid configuration",
        remedy: "fetch it again from where the weights came from")
    }
  }
}
