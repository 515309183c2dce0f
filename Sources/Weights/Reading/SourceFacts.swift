import Model
import Recipe
import Store
import Support

/// Facts about a backbone that its tensors do not show, from the files around them. A fact is `nil`
/// if it is unknown.
struct SourceFacts: Sendable, Equatable {
  /// The sizes that the files state, the most trusted file first.
  var claims: [Claim] = []
  var layerScale: Float?
  var interpolation: WeightLayout.Interpolation?
  /// What turns queries and keys, the grid and LayerNorm's eps of a backbone of DINOv3 that Dino wrote.
  var rotary: RotaryPositions?
  var grid: Int?
  var normEpsilon: Float?
  var preprocessing: Preprocessing?
  /// The `preprocessor_config.json` that `preprocessing` is from, as it was read.
  var preprocessorConfig: String?
  /// Where a frozen teacher's copy says that it came from.
  var origin: WeightsOrigin?
  /// Whether a configuration of timm describes the weights.
  var isTimm = false

  init() {}

  var numHeads: Int? { claims.first { $0.size == .heads }.flatMap { Int(exactly: $0.value) } }

  /// Returns these facts, with unknown ones taken from `other`.
  func filled(from other: SourceFacts) -> SourceFacts {
    var facts = self
    facts.claims += other.claims
    facts.layerScale = layerScale ?? other.layerScale
    facts.interpolation = interpolation ?? other.interpolation
    facts.rotary = rotary ?? other.rotary
    facts.grid = grid ?? other.grid
    facts.normEpsilon = normEpsilon ?? other.normEpsilon
    if preprocessing == nil {
      facts.preprocessing = other.preprocessing
      facts.preprocessorConfig = other.preprocessorConfig
    }
    facts.origin = origin ?? other.origin
    facts.isTimm = isTimm || other.isTimm
    return facts
  }
}

extension SourceFacts {
  /// Takes the facts from a run's recipe, which was read from `file`.
  init(_ recipe: Recipe, file: String) {
    let (student, sizes) = (recipe.student, recipe.architecture)
    func claim(_ size: Claim.Size, _ value: Int, _ key: String) -> Claim {
      Claim(size: size, value: Double(value), file: file, key: key)
    }
    let arch = "student.arch \(student.arch), so"
    claims = [
      claim(.width, sizes.embedDim, "\(arch) embed_dim"),
      claim(.depth, sizes.depth, "\(arch) depth"),
      claim(.heads, sizes.numHeads, "\(arch) num_heads"),
      claim(.patch, student.patchSize, "student.patch_size"),
      claim(.channels, recipe.data.channels, "data.channels"),
      claim(.registers, student.numRegisterTokens, "student.num_register_tokens"),
      claim(.gated, student.ffnLayer.isGated ? 1 : 0, "student.ffn_layer of SwiGLU"),
      claim(.hidden, sizes.hiddenWidth, "\(arch) a hidden width of"),
    ]
    layerScale = Float(student.layerscale)
    interpolation = .init(
      offset: student.interpolateOffset, antialias: student.interpolateAntialias)
    preprocessing = Preprocessing(
      mean: recipe.data.mean, std: recipe.data.std, trainedSize: recipe.crops.globalCropsSize,
      patch: student.patchSize)
    preprocessing?.range = zip(recipe.data.rangeMin, recipe.data.rangeMax).map { $0...$1 }
  }

  /// The file next to weights in a format without metadata. It holds the fields that Dino writes as
  /// metadata to safetensors files.
  static let fileName = "dino.json"

  /// Reads the configuration files of Hugging Face, timm and Dino in a folder. Throws if one says
  /// something that is not followed.
  init(folder: String) throws(FileError) {
    self.init()
    if let config = try JSONObject(file: folder + "/config.json") {
      self = try SourceFacts(config: config)
    }
    let preprocessor = folder + "/preprocessor_config.json"
    if FileSystem.exists(preprocessor) {
      try follow(
        preprocessor: try FileInput.text(of: preprocessor, limit: 1 << 20), of: preprocessor)
    }
    let ours = folder + "/" + Self.fileName
    if let fields = try JSONObject(file: ours) {
      let facts = try SourceFacts(metadata: fields.members.compactMapValues(\.text), of: ours)
      self = filled(from: facts)
      // It says all that Dino does with an image, other files what other libraries can do.
      if preprocessorConfig == nil, let view = facts.preprocessing { preprocessing = view }
    }
  }

  /// Takes the view from the text of a `preprocessor_config.json`.
  private mutating func follow(preprocessor text: String, of path: String) throws(FileError) {
    preprocessing = try Preprocessing(preprocessor: try JSONObject(text, of: path))
    preprocessorConfig = text
  }

  /// The metadata fields that Dino writes to safetensors files.
  enum Key: String, CaseIterable {
    case numHeads = "num_heads"
    case layerScale = "layerscale"
    case interpolateOffset = "interpolate_offset"
    case interpolateAntialias = "interpolate_antialias"
    case mean, std, resize, crop, filter
    case rangeMin = "range_min"
    case rangeMax = "range_max"
    /// A whole `preprocessor_config.json`, in place of the seven above.
    case preprocessor = "preprocessor_config"
    case ropePeriods = "rope_periods"
    case grid
    case normEpsilon = "layer_norm_eps"
  }

  /// Takes the facts from the metadata of a safetensors file.
  init(metadata: [String: String], of path: String) throws(FileError) {
    func text(_ key: Key) -> String? { metadata[key.rawValue] }
    func numbers(_ key: Key, _ separator: Character = " ") -> [Double] {
      text(key)?.split(separator: separator).compactMap { Double($0) } ?? []
    }
    func sides(_ key: Key) -> [Int] {
      let sides = numbers(key, "x").compactMap { Int(exactly: $0) }
      return sides.allSatisfy(Preprocessing.isSide) ? sides : []
    }
    if let heads = text(.numHeads).flatMap(Double.init) {
      claims = [Claim(size: .heads, value: heads, file: path, key: Key.numHeads.rawValue)]
    }
    layerScale = text(.layerScale).flatMap { Float($0) }
    origin = WeightsOrigin(metadata: metadata)
    if let offset = text(.interpolateOffset).flatMap(Double.init),
      let antialias = text(.interpolateAntialias).flatMap(Bool.init)
    {
      interpolation = .init(offset: offset, antialias: antialias)
    }
    addRotary(metadata)
    if let config = text(.preprocessor) {
      try follow(preprocessor: config, of: path)
      return
    }
    let (mean, std) = (numbers(.mean), numbers(.std))
    let (resize, crop) = (sides(.resize), sides(.crop))
    guard !mean.isEmpty, mean.count == std.count, 1...2 ~= resize.count, 1...2 ~= crop.count else {
      return
    }
    preprocessing = Preprocessing(
      mean: mean, std: std,
      resize: resize.count == 1
        ? .shortest(resize[0]) : .exact(height: resize[0], width: resize[1]),
      crop: .init(height: crop[0], width: crop.last!),
      filter: text(.filter).flatMap { Preprocessing.Filter(rawValue: $0) } ?? .bicubic)
    preprocessing?.range = zip(numbers(.rangeMin), numbers(.rangeMax)).filter { $0 < $1 }
      .map { $0...$1 }
  }

  /// Takes what is said of a backbone of DINOv3.
  private mutating func addRotary(_ metadata: [String: String]) {
    func number<Number: LosslessStringConvertible & Comparable>(
      _ key: Key, in range: ClosedRange<Number>
    ) -> Number? {
      metadata[key.rawValue].flatMap(Number.init).flatMap { range.contains($0) ? $0 : nil }
    }
    let periods = (metadata[Key.ropePeriods.rawValue] ?? "").split(separator: " ")
      .compactMap { Float($0) }.filter { $0 > 0 && $0.isFinite }
    if 1...256 ~= periods.count { rotary = RotaryPositions(periods: periods) }
    grid = number(.grid, in: 1...(1 << 15))
    normEpsilon = number(.normEpsilon, in: 0...1)
  }

  /// Returns the metadata that describes weights in a safetensors file.
  static func metadata(_ weights: BackboneWeights) -> [String: String] {
    metadata(weights.shape, weights.preprocessing, preprocessor: weights.preprocessorConfig)
  }

  /// Returns the metadata that describes a backbone in a safetensors file.
  static func metadata(
    _ shape: BackboneShape, _ view: Preprocessing, preprocessor: String?
  ) -> [String: String] {
    func text(_ numbers: [Double]) -> String { numbers.map(\.description).joined(separator: " ") }
    var pairs: [Key: String] = [
      .numHeads: "\(shape.numHeads)", .layerScale: "\(shape.layerScale)",
      .interpolateOffset: "\(shape.interpolateOffset)",
      .interpolateAntialias: "\(shape.interpolateAntialias)",
    ]
    if let rotary = shape.rotary {
      pairs[.ropePeriods] = rotary.periods.map(\.description).joined(separator: " ")
      pairs[.grid] = "\(shape.grid)"
      pairs[.normEpsilon] = "\(shape.normEpsilon)"
    }
    if let preprocessor {
      pairs[.preprocessor] = preprocessor
    } else {
      let crop = view.crop
      pairs[.mean] = text(view.mean)
      pairs[.std] = text(view.std)
      if !view.range.isEmpty {
        pairs[.rangeMin] = text(view.range.map(\.lowerBound))
        pairs[.rangeMax] = text(view.range.map(\.upperBound))
      }
      pairs[.resize] =
        switch view.resize {
        case .shortest(let side): "\(side)"
        case .exact(let height, let width): "\(height)x\(width)"
        }
      pairs[.crop] =
        crop.height == crop.width ? "\(crop.height)" : "\(crop.height)x\(crop.width)"
      if view.filter != .bicubic { pairs[.filter] = view.filter.rawValue }
    }
    return Dictionary(uniqueKeysWithValues: pairs.map { ($0.key.rawValue, $0.value) })
  }
}
