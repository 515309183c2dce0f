import Recipe

/// How one kind of crop is made.
struct CropRecipe: Sendable {
  /// The side, in pixels.
  var size: Int
  /// The share of the image's area.
  var scale: ClosedRange<Double>
  /// The probability of a blur, and of solarisation.
  var blur: Double
  var solarise: Double
}

/// How the crops of an image are made, by the keys `crops` and `data` of a recipe.
struct AugmentationRecipe: Sendable {
  let global: [CropRecipe]
  let local: CropRecipe
  let localCount: Int
  let flip: Double
  let jitter: Double
  let jitterStrength: JitterStrength
  let grey: Double
  let sigma: ClosedRange<Double>
  let mean: [Float]
  let std: [Float]
  /// Whether large photographs are decoded at a part of their size.
  let scaledDecoding: Bool

  init(_ recipe: Recipe) {
    let crops = recipe.crops
    let data = recipe.data
    // The paper blurs crop 1 always and crop 2 seldom; the official code does the reverse of both.
    let blur: (first: Double, second: Double, local: Double) =
      switch data.blur {
      case .paper: (1, 0.1, 0.5)
      case .official: (0, 0.9, 0.5)
      case .none: (0, 0, 0)
      }
    let globalScale = crops.globalCropsScaleMin...crops.globalCropsScaleMax
    global = [
      CropRecipe(size: crops.globalCropsSize, scale: globalScale, blur: blur.first, solarise: 0),
      CropRecipe(
        size: crops.globalCropsSize, scale: globalScale, blur: blur.second,
        solarise: data.solariseProbability),
    ]
    local = CropRecipe(
      size: crops.localCropsSize, scale: crops.localCropsScaleMin...crops.localCropsScaleMax,
      blur: blur.local, solarise: 0)
    localCount = crops.localCropsNumber
    flip = data.flipProbability
    jitter = data.jitterProbability
    jitterStrength = JitterStrength(
      brightness: data.brightness, contrast: data.contrast, saturation: data.saturation,
      hue: data.hue)
    grey = data.greyProbability
    sigma = data.blurSigmaMin...data.blurSigmaMax
    mean = data.mean.map(Float.init)
    std = data.std.map(Float.init)
    scaledDecoding = data.scaledDecoding
  }

  /// The number of crops of an image.
  var crops: Int { 2 + localCount }
}
