extension RGBImage {
  /// torchvision's `Resize` and `CenterCrop`: resizes the shortest side to `resize` with the
  /// bicubic filter and crops `crop.width` × `crop.height` pixels at the centre.
  ///
  /// Only the pixels of the crop are computed, so that an image that is very long costs no more.
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

  /// Resizes and crops to a square.
  package func evaluationView(resize: Int, crop: Int) -> RGBImage {
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
