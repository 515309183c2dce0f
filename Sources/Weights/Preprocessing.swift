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

  /// The customary view; where the network's own pictures are smaller, or its patches do not divide
  /// that view, one as large as its pictures, resized in the customary proportion.
  package init(
    mean: [Double] = Self.imageNetMean, std: [Double] = Self.imageNetStd, trainedSize: Int,
    patch: Int
  ) {
    let crop = trainedSize > 224 && 224.isMultiple(of: patch) ? 224 : trainedSize
    self.init(mean: mean, std: std, resize: crop * 256 / 224, crop: crop)
  }
}
