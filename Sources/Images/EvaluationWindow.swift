/// Where an evaluation view lies on an image: what it is resized to, and which part of that is seen.
package struct EvaluationWindow {
  let whole: ImageSize
  let target: ImageSize
  let box: ImageBox

  /// torchvision's `Resize` of the shortest side to `resize`, and `CenterCrop`.
  ///
  /// - Parameter exact: the size to which the image is resized instead, whatever its shape.
  package init(
    of whole: ImageSize, resize: Int, exact: ImageSize? = nil, crop: ImageSize,
    centre: CropCentre = .torchvision
  ) {
    let (width, height) = (whole.width, whole.height)
    let shortest = min(width, height)
    // torchvision rounds the long side down.
    target =
      exact
      ?? ImageSize(
        width: width == shortest ? resize : resize * width / height,
        height: height == shortest ? resize : resize * height / width)
    precondition(
      crop.width > 0 && crop.height > 0 && crop.width <= target.width
        && crop.height <= target.height, "the crop must lie within the resized picture")
    box = ImageBox(
      left: centre.corner(target.width - crop.width),
      top: centre.corner(target.height - crop.height), width: crop.width, height: crop.height)
    self.whole = whole
  }

  /// Returns the pixel of the whole image in which the middle of a pixel of the view lies.
  package func pixel(x: Int, y: Int) -> (x: Int, y: Int) {
    (
      (2 * (box.left + x) + 1) * whole.width / (2 * target.width),
      (2 * (box.top + y) + 1) * whole.height / (2 * target.height)
    )
  }
}

/// The rounding of a central crop's corner that lies between two pixels.
package enum CropCentre: Sendable {
  /// To the nearest pixel, ties to even.
  case torchvision
  /// Down, as the image processors of Hugging Face do.
  case huggingFace

  fileprivate func corner(_ spare: Int) -> Int {
    switch self {
    case .torchvision: Int((Double(spare) / 2).rounded(.toNearestOrEven))
    case .huggingFace: spare / 2
    }
  }
}
