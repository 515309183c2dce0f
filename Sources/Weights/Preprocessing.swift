/// What evaluation does to a picture before a backbone sees it.
package struct Preprocessing: Sendable, Equatable {
  /// Of red, green and blue, in 0…1.
  package var mean: [Double]
  package var std: [Double]
  /// The shortest side is resized to this, bicubic, …
  package var resize: Int
  /// … and a square of this side is cut from the centre.
  package var crop: Int

  package init(
    mean: [Double] = Self.imageNetMean, std: [Double] = Self.imageNetStd, resize: Int = 256,
    crop: Int = 224
  ) {
    self.mean = mean
    self.std = std
    self.resize = resize
    self.crop = crop
  }

  package static let imageNetMean = [0.485, 0.456, 0.406]
  package static let imageNetStd = [0.229, 0.224, 0.225]

  /// The customary view, or that of a network with small pictures: as large as its crops, and
  /// resized in the customary proportion.
  package init(mean: [Double], std: [Double], trainedSize: Int) {
    let crop = min(trainedSize, 224)
    self.init(mean: mean, std: std, resize: crop * 256 / 224, crop: crop)
  }
}
