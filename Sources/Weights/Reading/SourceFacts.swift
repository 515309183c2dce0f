import Model
import Recipe

/// What a backbone is beside its tensors, as the files around them tell; nil: they do not.
struct SourceFacts: Sendable, Equatable {
  var numHeads: Int?
  var layerScale: Float?
  var interpolation: WeightLayout.Interpolation?
  var preprocessing: Preprocessing?

  init() {}

  /// Takes over what another source tells and this one does not.
  func filled(from other: SourceFacts) -> SourceFacts {
    var facts = self
    facts.numHeads = numHeads ?? other.numHeads
    facts.layerScale = layerScale ?? other.layerScale
    facts.interpolation = interpolation ?? other.interpolation
    facts.preprocessing = preprocessing ?? other.preprocessing
    return facts
  }
}

extension SourceFacts {
  /// What a run's recipe tells.
  init(_ recipe: Recipe) {
    let student = recipe.student
    numHeads = recipe.architecture.numHeads
    layerScale = Float(student.layerscale)
    interpolation = .init(
      offset: student.interpolateOffset, antialias: student.interpolateAntialias)
    preprocessing = Preprocessing(
      mean: recipe.data.mean, std: recipe.data.std, trainedSize: recipe.crops.globalCropsSize,
      patch: student.patchSize)
  }

  /// Names of what a safetensors file of ours says about itself.
  enum Key: String, CaseIterable {
    case numHeads = "num_heads"
    case layerScale = "layerscale"
    case interpolateOffset = "interpolate_offset"
    case interpolateAntialias = "interpolate_antialias"
    case mean, std, resize, crop
  }

  /// What a safetensors file says about itself.
  init(metadata: [String: String]) {
    func text(_ key: Key) -> String? { metadata[key.rawValue] }
    func numbers(_ key: Key) -> [Double]? {
      let numbers = text(key)?.split(separator: " ").compactMap { Double($0) }
      return numbers?.count == 3 ? numbers : nil
    }
    numHeads = text(.numHeads).flatMap { Int($0) }
    layerScale = text(.layerScale).flatMap { Float($0) }
    if let offset = text(.interpolateOffset).flatMap(Double.init),
      let antialias = text(.interpolateAntialias).flatMap(Bool.init)
    {
      interpolation = .init(offset: offset, antialias: antialias)
    }
    if let mean = numbers(.mean), let std = numbers(.std),
      let resize = text(.resize).flatMap({ Int($0) }), let crop = text(.crop).flatMap({ Int($0) })
    {
      preprocessing = Preprocessing(mean: mean, std: std, resize: resize, crop: crop)
    }
  }

  /// What is told of a backbone, as a safetensors file says it about itself.
  static func metadata(_ shape: BackboneShape, _ view: Preprocessing) -> [String: String] {
    func text(_ numbers: [Double]) -> String { numbers.map(\.description).joined(separator: " ") }
    let pairs: [(Key, String)] = [
      (.numHeads, "\(shape.numHeads)"), (.layerScale, "\(shape.layerScale)"),
      (.interpolateOffset, "\(shape.interpolateOffset)"),
      (.interpolateAntialias, "\(shape.interpolateAntialias)"), (.mean, text(view.mean)),
      (.std, text(view.std)), (.resize, "\(view.resize)"), (.crop, "\(view.crop)"),
    ]
    return Dictionary(uniqueKeysWithValues: pairs.map { ($0.0.rawValue, $0.1) })
  }
}
