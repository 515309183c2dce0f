/// How evaluation prepares an image for a backbone: resize, centre crop, normalise.
package struct Preprocessing: Sendable, Equatable {
  /// The size that an image is resized to, in pixels.
  package enum Resize: Sendable, Equatable {
    /// The shorter side becomes this long; the image keeps its shape.
    case shortest(Int)
    /// The whole image becomes this large, whatever its shape.
    case exact(height: Int, width: Int)

    /// Whether a crop lies within every image of this size.
    func holds(_ crop: Extent) -> Bool {
      switch self {
      case .shortest(let side): max(crop.height, crop.width) <= side
      case .exact(let height, let width): crop.height <= height && crop.width <= width
      }
    }
  }

  /// A size in pixels.
  package struct Extent: Sendable, Equatable {
    package var height: Int
    package var width: Int

    package init(height: Int, width: Int) { (self.height, self.width) = (height, width) }
  }

  /// The filter that resizes, as PIL names it.
  package enum Filter: String, Sendable { case bilinear, bicubic }

  /// For each channel the sample that becomes 0, and the one that becomes 1. Empty to scale by the
  /// type of each file's samples.
  package var range: [ClosedRange<Double>] = []
  /// The mean of each channel, on a scale of 0…1.
  package var mean: [Double]
  /// The standard deviation of the channels, on the same scale.
  package var std: [Double]
  package var resize: Resize
  /// What is cropped from the centre.
  package var crop: Extent
  package var filter: Filter

  package init(mean: [Double], std: [Double], resize: Resize, crop: Extent, filter: Filter) {
    self.mean = mean
    self.std = std
    self.resize = resize
    self.crop = crop
    self.filter = filter
  }

  /// Creates preprocessing with the standard values of ImageNet for what is not given: the shorter
  /// side is resized to `resize` by the bicubic filter, and a square of side `crop` is cropped.
  package init(
    mean: [Double] = Self.imageNetMean, std: [Double] = Self.imageNetStd, resize: Int = 256,
    crop: Int = 224
  ) {
    self.init(
      mean: mean, std: std, resize: .shortest(resize), crop: Extent(height: crop, width: crop),
      filter: .bicubic)
  }

  /// Whether images are red, green and blue of 8 bits, which every library prepares alike.
  var isPlain: Bool { mean.count == 3 && range.isEmpty }

  /// Whether images lose their shape.
  var isSquashed: Bool { if case .exact = resize { true } else { false } }

  /// The mean and the standard deviation of ImageNet's red, green and blue channels.
  package static let imageNetMean = [0.485, 0.456, 0.406]
  package static let imageNetStd = [0.229, 0.224, 0.225]

  /// The mean and the standard deviation of images with a number of channels, if nothing else is
  /// known: ImageNet's, or their averages.
  static func usual(channels: Int) -> (mean: [Double], std: [Double]) {
    channels == 3
      ? (imageNetMean, imageNetStd)
      : (Array(repeating: 0.449, count: channels), Array(repeating: 0.226, count: channels))
  }

  /// Creates the standard preprocessing: resize to 256, centre crop of 224.
  ///
  /// If the network was trained on images of at most 224 pixels, or if its patch size does not
  /// divide 224, the crop is `trainedSize` and the resize keeps the ratio of 256 to 224.
  package init(
    mean: [Double] = Self.imageNetMean, std: [Double] = Self.imageNetStd, trainedSize: Int,
    patch: Int
  ) {
    let crop = trainedSize > 224 && 224.isMultiple(of: patch) ? 224 : trainedSize
    self.init(mean: mean, std: std, resize: crop * 256 / 224, crop: crop)
  }
}
