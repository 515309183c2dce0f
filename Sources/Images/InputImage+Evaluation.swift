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
    evaluationView(
      EvaluationWindow(
        of: ImageSize(width: width, height: height), resize: resize, exact: exact, crop: crop,
        centre: centre), filter: filter)
  }

  /// Resizes and crops as a window says.
  package func evaluationView(
    _ window: EvaluationWindow, filter: ResizeFilter = .bicubic
  ) -> Self {
    resized(
      box: ImageBox(left: 0, top: 0, width: width, height: height), to: window.target,
      window: window.box, filter: filter)
  }

  /// Resizes and crops to a square.
  package func evaluationView(resize: Int, crop: Int) -> Self {
    evaluationView(resize: resize, crop: ImageSize(width: crop, height: crop))
  }
}
