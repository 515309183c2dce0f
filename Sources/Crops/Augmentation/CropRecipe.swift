import Recipe

/// The parameters of one kind of crop.
struct CropRecipe: Sendable {
  /// The side in pixels.
  var size: Int
  /// The range of the crop's share of the image's area.
  var scale: ClosedRange<Double>
  /// The probabilities of a blur and of solarisation.
  var blur: Double
  var solarise: Double
}

/// The parameters of all crops of an image, from the keys `crops` and `data` of a recipe.
struct AugmentationRecipe: Sendable {
  let global: [CropRecipe]
  let local: CropRecipe
  let localCount: Int
  let flip: Double
  let verticalFlip: Double
  let quarterTurns: Bool
  let hedJitter: Double
  let hedShift: Double
  let channelDrop: Double
  let jitter: Double
  let jitterStrength: JitterStrength
  let grey: Double
  let sigma: ClosedRange<Double>
  /// The mean and the standard deviation of each channel.
  let mean: [Float]
  let std: [Float]
  /// Whether large photographs are decoded at a reduced size.
  let scaledDecoding: Bool

  init(_ recipe: Recipe) {
    let crops = recipe.crops
    let data = recipe.data
    // In the paper crop 1 is always blurred and crop 2 rarely; in the official code it is the
    // reverse.
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
        solarise: data.hasColours ? data.solariseProbability : 0),
    ]
    local = CropRecipe(
      size: crops.localCropsSize, scale: crops.localCropsScaleMin...crops.localCropsScaleMax,
      blur: blur.local, solarise: 0)
    localCount = crops.localCropsNumber
    flip = data.flipProbability
    verticalFlip = data.verticalFlipProbability
    quarterTurns = data.quarterTurns
    hedJitter = data.hasColours ? data.hedJitterProbability : 0
    hedShift = data.hedJitter
    channelDrop = data.channels > 1 ? data.channelDropProbability : 0
    jitter = data.jitterProbability
    jitterStrength = JitterStrength(
      brightness: data.brightness, contrast: data.contrast,
      saturation: data.hasColours ? data.saturation : 0, hue: data.hasColours ? data.hue : 0)
    grey = data.hasColours ? data.greyProbability : 0
    sigma = data.blurSigmaMin...data.blurSigmaMax
    mean = data.mean.map(Float.init)
    std = data.std.map(Float.init)
    scaledDecoding = data.scaledDecoding
  }

  /// The number of crops of an image.
  var crops: Int { 2 + localCount }
}
