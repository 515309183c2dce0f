/// How evaluation prepares an image for a backbone: resize, centre crop, normalise.
package struct Preprocessing: Sendable, Equatable {
  /// The mean of the red, green and blue channels, on a scale of 0…1.
  package var mean: [Double]
  /// The standard deviation of the channels, on the same scale.
  package var std: [Double]
  /// The length in pixels to which the shorter side is resized, with bicubic interpolation.
  package var resize: Int
  /// The side in pixels of the square that is cropped from the centre.
  package var crop: Int

  /// Creates preprocessing with the standard values of ImageNet for what is not given.
  package init(
    mean: [Double] = Self.imageNetMean, std: [Double] = Self.imageNetStd, resize: Int = 256,
    crop: Int = 224
  ) {
    self.mean = mean
    self.std = std
    self.resize = resize
    self.crop = crop
  }

  /// The mean and the standard deviation of ImageNet's red, green and blue channels.
  package static let imageNetMean = [0.485, 0.456, 0.406]
  package static let imageNetStd = [0.229, 0.224, 0.225]

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
