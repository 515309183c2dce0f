import Model
import Store
import Support

extension SourceFacts {
  /// Takes the facts from a `config.json` of transformers or timm. Throws if it says something that
  /// is not followed.
  init(config file: JSONObject) throws(FileError) {
    self.init()
    let config = try Self.backbone(file)
    if config["model_type"]?.text == ConfigKeys.dinov3Model {
      try addStatements(of: config, ConfigKeys.dinov3, ConfigKeys.harmlessOfDINOv3)
    } else {
      try addStatements(of: config, ConfigKeys.transformers, ConfigKeys.harmless)
    }
    layerScale = try config.value("layerscale_value", "a number") { $0.number }.map { Float($0) }
    if let arguments = config.object("model_args") {
      try addStatements(of: arguments, ConfigKeys.timm, ConfigKeys.harmlessOfTimm)
      layerScale =
        try arguments.value("init_values", "a number") { $0.number }.map { Float($0) } ?? layerScale
    }
    if let view = config.object("pretrained_cfg") {
      try view.refuseOthers(than: ConfigKeys.view, ConfigKeys.harmlessOfView)
      preprocessing = try Preprocessing(timm: view)
    }
    isTimm = config["architecture"] != nil || config["pretrained_cfg"] != nil
  }

  /// Returns the part of a configuration that is about a backbone of DINOv2 or DINOv3: all of it, or, of a
  /// model that has one, `backbone_config`.
  private static func backbone(_ config: JSONObject) throws(FileError) -> JSONObject {
    func isKnown(_ config: JSONObject) -> Bool {
      config["model_type"].map { ConfigKeys.models.contains($0.text ?? "") } ?? true
    }
    if isKnown(config) { return config }
    guard let inner = config.object("backbone_config"), isKnown(inner) else {
      throw config.refused(
        "model_type", "which is no vision transformer of DINOv2 or DINOv3",
        remedy: "give such a backbone; if the file is of another model, take it away")
    }
    return inner
  }

  /// Follows the keys of a table. Throws if one cannot be followed, or is in neither table.
  private mutating func addStatements(
    of config: JSONObject, _ table: [String: ConfigKey], _ harmless: Set<String>
  ) throws(FileError) {
    try config.refuseOthers(than: Array(table.keys), harmless)
    for (key, meaning) in table.sorted(by: { $0.key < $1.key }) {
      guard let value = config[key] else { continue }
      switch meaning {
      case .size(let size):
        guard let number = Self.size(value) else {
          throw config.refused(key, "where a number belongs")
        }
        claims.append(
          Claim(size: size, value: number, file: config.path, key: config.prefix + key))
      case .only(let values) where values.contains(value): break
      // SwiGLU has an activation of its own, which is no matter of the configuration.
      case .only where key == "hidden_act" && config["use_swiglu_ffn"] == .bool(true): break
      case .only(let values): throw Self.refused(config, key, values)
      case .activation:
        let isGated = config["use_gated_mlp"] == .bool(true)
        let known = isGated ? [JSONValue.text("silu")] : ConfigKeys.geluNames
        guard known.contains(value) else { throw Self.refused(config, key, known) }
      case .read: break
      }
    }
    let isBackbone = config["architectures"]?.shown.contains("Backbone") == true
    if isBackbone, config["apply_layernorm"] == .bool(false) {
      throw Self.refused(config, "apply_layernorm", [.bool(true)])
    }
  }

  private static func refused(
    _ config: JSONObject, _ key: String, _ values: [JSONValue]
  ) -> FileError {
    config.refused(
      key, "which Dino does not compute; it computes \(values[0].shown)",
      remedy: "use these weights where they are from; with another value they give other features")
  }

  /// A number, one of two equal ones, or a truth as 0 or 1.
  private static func size(_ value: JSONValue) -> Double? {
    switch value {
    case .number(let number): number
    case .bool(let truth): truth ? 1 : 0
    case .list(let list) where list.count == 2 && list[0] == list[1]: size(list[0])
    default: nil
    }
  }
}

extension Preprocessing {
  /// Takes the view from timm's `pretrained_cfg`. Returns `nil` if it does not describe one.
  /// Source: `timm.data.transforms_factory.transforms_imagenet_eval`.
  fileprivate init?(timm config: JSONObject) throws(FileError) {
    guard ConfigKeys.view.contains(where: { config[$0] != nil }) else { return nil }
    let size =
      try config.value("input_size", "[channels, height, width]") { (value) -> [Int]? in
        guard case .list(let list) = value else { return nil }
        let size = list.compactMap(\.whole)
        return list.count == 3 && size.count == 3 && size.allSatisfy(Self.isSide) ? size : nil
      } ?? [3, 224, 224]
    let (channels, sides) = (size[0], Array(size[1...]))
    let usual = Self.usual(channels: channels)
    let share =
      try config.value("crop_pct", "a share of more than 0.1, at most 1") {
        $0.number.flatMap { $0 > 0.1 && $0 <= 1 ? $0 : nil }
      } ?? 0.875
    let filter =
      try config.value("interpolation", "bicubic or bilinear") {
        $0.text.flatMap { Filter(rawValue: $0) }
      } ?? .bilinear
    let isSquashed =
      try config.value("crop_mode", "center or squash") {
        ["center": false, "squash": true][$0.text ?? ""]
      } ?? false
    guard isSquashed || sides[0] == sides[1] else {
      throw config.refused("input_size", "which is no square, and its images keep their shape")
    }
    let resized = sides.map { Int((Double($0) / share).rounded(.down)) }
    self.init(
      mean: try config.value("mean", "\(channels) numbers") {
        Self.numbers($0, channels: channels)
      } ?? usual.mean,
      std: try config.value("std", "\(channels) numbers above 0") {
        Self.deviations($0, channels: channels)
      } ?? usual.std,
      resize: isSquashed
        ? .exact(height: resized[0], width: resized[1]) : .shortest(resized[0]),
      crop: .init(height: sides[0], width: sides[1]), filter: filter)
  }
}
