extension RGBImage {
  /// The view that evaluation sees: the shortest side resized to `resize`, bicubic, and the
  /// `crop.width` × `crop.height` pixels at its centre; torchvision's `Resize` and `CenterCrop`.
  ///
  /// Only the crop is made, so that a very long picture costs no more than another.
  package func evaluationView(
    resize: Int, crop: ImageSize, centre: CropCentre = .torchvision
  ) -> RGBImage {
    precondition(
      crop.width > 0 && crop.height > 0 && max(crop.width, crop.height) <= resize,
      "the crop must lie within the resized picture")
    let shortest = min(width, height)
    // torchvision rounds the long side down.
    let target = ImageSize(
      width: width == shortest ? resize : resize * width / height,
      height: height == shortest ? resize : resize * height / width)
    return resized(
      box: ImageBox(left: 0, top: 0, width: width, height: height), to: target,
      window: ImageBox(
        left: centre.corner(target.width - crop.width),
        top: centre.corner(target.height - crop.height),
        width: crop.width, height: crop.height),
      filter: .bicubic)
  }

  /// The same of a square crop.
  package func evaluationView(resize: Int, crop: Int) -> RGBImage {
    evaluationView(resize: resize, crop: ImageSize(width: crop, height: crop))
  }

  /// The same in the customary proportion, 256 to 224.
  package func evaluationView(crop: Int) -> RGBImage {
    evaluationView(resize: crop * 256 / 224, crop: crop)
  }
}

/// Where a crop lies whose centre is between two pixels.
package enum CropCentre: Sendable {
  /// The corner is rounded to the nearest pixel, ties to the even one.
  case torchvision
  /// The corner is rounded down, as image processors of Hugging Face have it.
  case huggingFace

  fileprivate func corner(_ spare: Int) -> Int {
    switch self {
    case .torchvision: Int((Double(spare) / 2).rounded(.toNearestOrEven))
    case .huggingFace: spare / 2
    }
  }
}
