extension InputImage {
  /// torchvision's `Resize` and `CenterCrop`: resizes the shortest side to `resize` with a
  /// filter and crops `crop.width` × `crop.height` pixels at the centre.
  ///
  /// Only the pixels of the crop are computed, so that an image that is very long costs no more.
  ///
  /// - Parameter exact: the size to which the image is resized instead, whatever its shape.
  package func evaluationView(
    resize: Int, exact: ImageSize? = nil, crop: ImageSize, centre: CropCentre = .torchvision,
    filter: ResizeFilter = .bicubic
  ) -> Self {
    let shortest = min(width, height)
    // torchvision rounds the long side down.
    let target =
      exact
      ?? ImageSize(
        width: width == shortest ? resize : resize * width / height,
        height: height == shortest ? resize : resize * height / width)
    precondition(
      crop.width > 0 && crop.height > 0 && crop.width <= target.width
        && crop.height <= target.height, "the crop must lie within the resized picture")
    return resized(
      box: ImageBox(left: 0, top: 0, width: width, height: height), to: target,
      window: ImageBox(
        left: centre.corner(target.width - crop.width),
        top: centre.corner(target.height - crop.height),
        width: crop.width, height: crop.height),
      filter: filter)
  }

  /// Resizes and crops to a square.
  package func evaluationView(resize: Int, crop: Int) -> Self {
    evaluationView(resize: resize, crop: ImageSize(width: crop, height: crop))
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
