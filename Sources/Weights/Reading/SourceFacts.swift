import Model
import Recipe

/// Facts about a backbone that its tensors do not show, from the files around them. A fact is `nil`
/// if it is unknown.
struct SourceFacts: Sendable, Equatable {
  var numHeads: Int?
  var layerScale: Float?
  var interpolation: WeightLayout.Interpolation?
  var preprocessing: Preprocessing?

  init() {}

  /// Returns these facts, with unknown ones taken from `other`.
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
  /// Takes the facts from a run's recipe.
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

  /// The metadata fields that Dino writes to safetensors files.
  enum Key: String, CaseIterable {
    case numHeads = "num_heads"
    case layerScale = "layerscale"
    case interpolateOffset = "interpolate_offset"
    case interpolateAntialias = "interpolate_antialias"
    case mean, std, resize, crop
  }

  /// Takes the facts from the metadata of a safetensors file.
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

  /// Returns the metadata that describes a backbone in a safetensors file.
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
