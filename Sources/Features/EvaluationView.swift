import Images

/// Prepares an image as a network's input for evaluation, by torchvision's `Resize`, `CenterCrop`,
/// `ToTensor` and `Normalize`.
package struct EvaluationView: Sendable, Equatable {
  /// The size of the input, in pixels.
  package let size: ImageSize
  /// The shortest side of the resized image, from which the centre is cropped.
  package let resize: Int
  /// The size to which the whole image is resized instead, whatever its shape; `nil` if it keeps
  /// its shape.
  package let exact: ImageSize?
  package let filter: ResizeFilter
  package let centre: CropCentre
  /// What images are decoded into; `nil` for red, green and blue of 8 bits.
  package let format: SampleFormat?
  /// The mean and the standard deviation of each channel, for values in 0 … 1.
  package let mean: [Float]
  package let std: [Float]
  /// Whether an image whose shortest side is at most 8/7 of the view's longer side is resized to
  /// that side instead of `resize`, so that small images are not enlarged only to be cropped.
  private let keepsSmallImagesWhole: Bool
  /// Whether large JPEGs are decoded at a reduced size.
  private let decodesScaled: Bool

  /// The longest side that is accepted. The cost of attention grows with its fourth power.
  package static let longest = 2048

  /// A view whose sides are multiples of the patch size; images are decoded at their full size.
  ///
  /// - Parameters:
  ///   - resize: by default the longer side of the view times 256/224.
  ///   - exact: a size to resize to instead, which holds the view.
  package init(
    size: ImageSize, resize: Int? = nil, exact: ImageSize? = nil, filter: ResizeFilter = .bicubic,
    centre: CropCentre = .torchvision, patch: Int, format: SampleFormat? = nil,
    mean: [Float], std: [Float]
  ) throws(FeatureError) {
    let longer = max(size.width, size.height)
    for side in [size.height, size.width] {
      guard side > 0 && side % patch == 0 else {
        let nearest = max(patch, (side + patch / 2) / patch * patch)
        throw FeatureError(
          "size \(side) is not a multiple of the patch size \(patch); the nearest is \(nearest)")
      }
    }
    guard longer <= Self.longest else {
      throw FeatureError("size \(longer) is more than \(Self.longest), the limit")
    }
    let shortest = resize ?? Self.resize(longer)
    guard shortest >= longer && shortest <= 2 * Self.longest else {
      throw FeatureError(
        "a shortest side of \(shortest) is too small for a view of \(size.height)x\(size.width); "
          + "--resize takes \(longer) to \(2 * Self.longest)")
    }
    if let exact {
      precondition(size.width <= exact.width && size.height <= exact.height)
    }
    self.size = size
    self.resize = shortest
    self.exact = exact
    self.filter = filter
    self.centre = centre
    self.format = format
    self.mean = mean
    self.std = std
    keepsSmallImagesWhole = false
    decodesScaled = false
  }

  /// The view of a run's probe: a square of the global crops' side.
  ///
  /// Small images are taken whole. Large JPEGs are decoded at no less than twice the side of the
  /// view, which takes a fraction of the time and leaves the last reduction to the bicubic filter.
  package init(probing side: Int, format: SampleFormat? = nil, mean: [Float], std: [Float]) {
    size = ImageSize(width: side, height: side)
    resize = Self.resize(side)
    exact = nil
    filter = .bicubic
    centre = .torchvision
    self.format = format
    self.mean = mean
    self.std = std
    keepsSmallImagesWhole = true
    decodesScaled = true
  }

  private static func resize(_ longer: Int) -> Int { longer * 256 / 224 }

  private var longer: Int { max(size.width, size.height) }

  /// Returns the scale at which to decode an image with a given full size.
  package func scale(of whole: ImageSize) -> ImageScale {
    decodesScaled ? .keeping(2 * longer, of: whole) : .whole
  }

  /// Returns where the view lies on an image of a size.
  package func window(of whole: ImageSize) -> EvaluationWindow {
    let isSmall = min(whole.width, whole.height) * 7 <= longer * 8
    return EvaluationWindow(
      of: whole, resize: keepsSmallImagesWhole && isSmall ? longer : resize, exact: exact,
      crop: size, centre: centre)
  }

  /// Resizes and crops an image.
  package func picture<Image: InputImage>(_ image: Image) -> Image {
    image.evaluationView(
      window(of: ImageSize(width: image.width, height: image.height)), filter: filter)
  }
}
