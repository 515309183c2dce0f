/// How a resized pixel weighs those it is made of, named and shaped as in PIL.
package enum ResizeFilter: Sendable {
  /// A triangle over one pixel to each side.
  case bilinear
  /// Keys' cubic convolution with a = −0.5, over two pixels to each side.
  case bicubic

  /// How far it reaches, in pixels of whichever picture is the coarser.
  var support: Double {
    switch self {
    case .bilinear: 1
    case .bicubic: 2
    }
  }

  /// The weight at a distance, before the weights of a pixel are made to sum to one.
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
