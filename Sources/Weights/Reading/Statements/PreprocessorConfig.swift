import Store
import Support

/// The classes of image processors of transformers that are followed, and what each does where a
/// file says nothing.
private struct ImageProcessor {
  let name: String
  /// Whether a size that is one number is a square's, rather than the shorter side's.
  let isSquare: Bool
  let crops: Bool
  let resample: Int
  let mean: [Double]
  let std: [Double]

  private static let clipMean = [0.481_454_66, 0.457_827_5, 0.408_210_73]
  private static let clipStd = [0.268_629_54, 0.261_302_58, 0.275_777_11]
  private static let half = [0.5, 0.5, 0.5]

  /// Source: transformers' `image_processing_bit.py`, `image_processing_clip.py`,
  /// `image_processing_vit.py`, `image_processing_dinov3_vit.py`.
  static let all = [
    ImageProcessor(
      name: "Bit", isSquare: false, crops: true, resample: 3, mean: clipMean, std: clipStd),
    ImageProcessor(
      name: "CLIP", isSquare: false, crops: true, resample: 3, mean: clipMean, std: clipStd),
    ImageProcessor(name: "ViT", isSquare: true, crops: false, resample: 2, mean: half, std: half),
    ImageProcessor(
      name: "DINOv3ViT", isSquare: true, crops: false, resample: 2,
      mean: Preprocessing.imageNetMean, std: Preprocessing.imageNetStd),
  ]

  /// Finds the class that a file names. Where it names none, transformers takes the first for a
  /// model of DINOv2.
  static func of(_ config: JSONObject) throws(FileError) -> ImageProcessor {
    let key = ["image_processor_type", "feature_extractor_type"].first { config[$0] != nil }
    guard let key else { return all[0] }
    var name = config[key]?.text ?? ""
    for ending in ["Fast", "Pil", "ImageProcessor", "FeatureExtractor"]
    where name.hasSuffix(ending) {
      name.removeLast(ending.count)
    }
    guard let processor = all.first(where: { $0.name == name }) else {
      throw config.refused(
        key, "which Dino does not follow; it follows those of Bit, CLIP, ViT and DINOv3",
        remedy: "prepare the images with transformers, and give their pixels to dinod embed")
    }
    return processor
  }
}

extension Preprocessing {
  /// The keys that are followed, all below.
  private static let followed = [
    "image_processor_type", "feature_extractor_type", "do_resize", "size", "default_to_square",
    "resample", "do_center_crop", "crop_size", "do_rescale", "rescale_factor", "do_normalize",
    "image_mean", "image_std", "do_convert_rgb",
  ]

  /// Keys that change no pixel of an image in three colours.
  private static let harmless: Set<String> = [
    "processor_class", "_processor_class", "data_format", "input_data_format", "return_tensors",
    "device", "disable_grouping", "_valid_processor_keys", "_valid_kwargs_names",
    "do_reduce_labels",
    "model_valid_processing_keys", "pad_size", "backend", "_backend", "name_or_path",
    "_name_or_path", "transformers_version", "num_channels",
  ]

  /// Takes the view from a `preprocessor_config.json`, as transformers follows it. Throws the key
  /// of a statement that is not followed.
  ///
  /// Source: transformers' `PilBackend`. Rescaling and normalising are one linear function, so any
  /// factor is followed by a mean and a deviation in its unit.
  init(preprocessor config: JSONObject) throws(FileError) {
    try config.refuseOthers(than: Self.followed, Self.harmless)
    let processor = try ImageProcessor.of(config)
    func truth(_ key: String, _ usual: Bool) throws(FileError) -> Bool {
      try config.value(key, "true or false") {
        if case .bool(let truth) = $0 { truth } else { nil }
      }
        ?? usual
    }
    _ = try truth("do_convert_rgb", true)
    guard try truth("do_resize", true) else {
      throw config.refused("do_resize", "but Dino looks at images of one size")
    }
    let isSquare = try truth("default_to_square", processor.isSquare)
    let resize = try Self.resize(config, isSquare: isSquare)
    let crop = try Self.crop(config, resize, try truth("do_center_crop", processor.crops))
    let filter = try config.value("resample", "2 (bilinear) or 3 (bicubic)") {
      [2: Filter.bilinear, 3: .bicubic][$0.whole ?? -1]
    }
    let (mean, std) =
      try truth("do_normalize", true)
      ? Self.normalisation(config, processor) : ([0, 0, 0], [1, 1, 1])
    var factor = 1.0
    if try truth("do_rescale", true) {
      factor =
        try config.value("rescale_factor", "a number of 1e-9 to 1e9") {
          $0.number.flatMap { 1e-9...1e9 ~= $0 ? $0 : nil }
        } ?? 1 / 255
    }
    // The pixels of the view are in 0 … 1 before they are normalised.
    let unit = abs(factor * 255 - 1) < 1e-6 ? 1 : factor * 255
    self.init(
      mean: mean.map { $0 / unit }, std: std.map { $0 / unit }, resize: resize, crop: crop,
      filter: filter ?? (processor.resample == 2 ? .bilinear : .bicubic))
  }

  private static func normalisation(
    _ config: JSONObject, _ processor: ImageProcessor
  ) throws(FileError) -> (mean: [Double], std: [Double]) {
    let mean = try config.value("image_mean", "three numbers") { numbers($0, channels: 3) }
    let std = try config.value("image_std", "three numbers above 0") {
      deviations($0, channels: 3)
    }
    return (mean ?? processor.mean, std ?? processor.std)
  }

  private static func resize(
    _ config: JSONObject, isSquare: Bool
  ) throws(FileError) -> Resize {
    let forms = "{shortest_edge}, {height, width} or a number, 1 to 8192,"
    let size = try config.value("size", forms) { (value) -> Resize? in
      if let side = value.whole, isSide(side) {
        return isSquare ? .exact(height: side, width: side) : .shortest(side)
      }
      if let extent = extent(value) { return .exact(height: extent.height, width: extent.width) }
      guard case .object(let object) = value, let side = object["shortest_edge"]?.whole,
        isSide(side), object.allSatisfy({ $0.key == "shortest_edge" || $0.value == .null })
      else { return nil }
      return .shortest(side)
    }
    return size ?? (isSquare ? .exact(height: 224, width: 224) : .shortest(224))
  }

  private static func crop(
    _ config: JSONObject, _ resize: Resize, _ isCropped: Bool
  ) throws(FileError) -> Extent {
    guard isCropped else {
      guard case .exact(let height, let width) = resize else {
        throw config.refused(
          "do_center_crop", "so that images of different shapes get different sizes",
          remedy: "Dino looks at images of one size: set do_center_crop and crop_size")
      }
      return Extent(height: height, width: width)
    }
    let crop =
      try config.value("crop_size", "{height, width} or a number, 1 to 8192,") {
        (value) -> Extent? in
        value.whole.map { isSide($0) ? Extent(height: $0, width: $0) : nil } ?? extent(value)
      } ?? Extent(height: 224, width: 224)
    guard resize.holds(crop) else {
      throw config.refused(
        "crop_size", "which is more than size, so that images would get a black frame",
        remedy: "make crop_size at most size")
    }
    return crop
  }

  /// `{height, width}`, or the two as a list.
  private static func extent(_ value: JSONValue) -> Extent? {
    var sides: [JSONValue?] = []
    switch value {
    case .list(let list) where list.count == 2: sides = list
    case .object(let object):
      guard object.allSatisfy({ ["height", "width"].contains($0.key) || $0.value == .null }) else {
        return nil
      }
      sides = [object["height"], object["width"]]
    default: return nil
    }
    guard let height = sides[0]?.whole, let width = sides[1]?.whole, isSide(height), isSide(width)
    else { return nil }
    return Extent(height: height, width: width)
  }
}

extension Preprocessing {
  static func isSide(_ pixels: Int) -> Bool { (1...8192).contains(pixels) }

  /// A number for each channel, or one for all.
  static func numbers(_ value: JSONValue, channels: Int) -> [Double]? {
    var list = Array(repeating: value, count: channels)
    if case .list(let given) = value { list = given }
    let numbers = list.compactMap(\.number).filter { -1e9...1e9 ~= $0 }
    return list.count == channels && numbers.count == channels ? numbers : nil
  }

  static func deviations(_ value: JSONValue, channels: Int) -> [Double]? {
    numbers(value, channels: channels).flatMap { $0.allSatisfy { $0 >= 1e-9 } ? $0 : nil }
  }
}
