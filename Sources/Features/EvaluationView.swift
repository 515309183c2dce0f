import Images

/// How a picture becomes a network's input: torchvision's `Resize`, `CenterCrop`, `ToTensor` and
/// `Normalize`.
package struct EvaluationView: Sendable, Equatable {
  /// What the network sees, in pixels.
  package let size: ImageSize
  /// The shortest side before the crop.
  package let resize: Int
  package let centre: CropCentre
  package let mean: [Float]
  package let std: [Float]

  /// The longest side that is accepted; positions and attention grow with its square.
  package static let longest = 2048

  /// A view whose sides are multiples of the patch.
  ///
  /// - Parameter resize: nil: in the proportion of 256 to 224 to the longer side of the view.
  package init(
    size: ImageSize, resize: Int? = nil, centre: CropCentre = .torchvision, patch: Int,
    mean: [Float], std: [Float]
  ) throws(EvaluationError) {
    let longer = max(size.width, size.height)
    for side in [size.height, size.width] {
      guard side > 0 && side % patch == 0 else {
        let nearest = max(patch, (side + patch / 2) / patch * patch)
        throw EvaluationError(
          "size \(side) is no multiple of the patch, \(patch); the nearest is \(nearest)")
      }
    }
    guard longer <= Self.longest else {
      throw EvaluationError("size \(longer) is more than \(Self.longest), the largest there is")
    }
    let shortest = resize ?? longer * 256 / 224
    guard shortest >= longer && shortest <= 2 * Self.longest else {
      throw EvaluationError(
        "a shortest side of \(shortest) does not hold a view of \(size.height)x\(size.width); "
          + "--resize takes \(longer) to \(2 * Self.longest)")
    }
    self.size = size
    self.resize = shortest
    self.centre = centre
    self.mean = mean
    self.std = std
  }

  /// What is seen of a picture.
  package func picture(_ image: RGBImage) -> RGBImage {
    image.evaluationView(resize: resize, crop: size, centre: centre)
  }
}
