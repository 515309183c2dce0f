/// The filters of PIL's `resize`, by the same names.
package enum ResizeFilter: Sendable {
  /// A triangle that reaches one pixel to each side.
  case bilinear
  /// Keys' cubic convolution with a = −0.5, which reaches two pixels to each side.
  case bicubic

  /// The distance that the filter reaches to each side, in pixels of the coarser of the two
  /// images.
  var support: Double {
    switch self {
    case .bilinear: 1
    case .bicubic: 2
    }
  }

  /// Returns the weight at a distance, before the weights of a pixel are normalised to sum to one.
  func weight(_ distance: Double) -> Double {
    let x = abs(distance)
    switch self {
    case .bilinear:
      return max(0, 1 - x)
    case .bicubic:
      let a = -0.5
      if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
      if x < 2 { return (((x - 5) * x + 8) * x - 4) * a }
      return 0
    }
  }
}
