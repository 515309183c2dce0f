import Images

/// What of a picture is compared by parts: its keypoints, and itself, small.
package struct PictureParts: Sendable {
  /// The longest side of the small picture, in pixels.
  static let longest = 96
  /// The most keypoints.
  static let most = 96

  let features: LocalFeatures
  let picture: GreyPicture
  /// The size of a pixel in which keypoints are given, in pixels of the small picture.
  let scale: Float

  /// Looks at an image.
  package init(of image: RGBImage) {
    let whole = GreyPicture(image, longest: LocalFeatures.longest)
    picture = GreyPicture(image, longest: Self.longest)
    features = LocalFeatures(whole, most: Self.most)
    scale = Float(picture.width) / Float(whole.width)
  }

  init(features: LocalFeatures, picture: GreyPicture, scale: Float) {
    (self.features, self.picture, self.scale) = (features, picture, scale)
  }

  /// How well two pictures agree where one lies on the other, from 0 to 1. Few keypoints agree by
  /// chance now and then, so fewer count less.
  package func score(_ other: PictureParts) -> Double {
    LocalMatches(features, other.features).alignments.map { alignment, matches in
      let found = AlignedCorrelation(
        picture, other.picture, alignment.scaled(from: scale, to: other.scale))
      return max(0, found.correlation) * (1 - 1 / (2 * Double(matches - 1)))
    }.max() ?? 0
  }
}
