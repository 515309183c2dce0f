import Images

/// An image whose crops are augmented. The changes are torchvision's.
package protocol AugmentedImage: InputImage {
  /// Mirrors the image horizontally.
  mutating func flip()

  /// Turns the image upside down.
  mutating func flipVertically()

  /// Turns a square image to the left, by so many quarters of a circle.
  mutating func turn(quarters: Int)

  /// Multiplies red, green and blue by a factor each.
  mutating func changeColours(by factors: SIMD3<Float>)

  /// Multiplies all values by a factor.
  mutating func changeBrightness(by factor: Float)

  /// Moves all values away from the mean grey of the image, or towards it.
  mutating func changeContrast(by factor: Float)

  /// Moves each pixel away from its own grey, or towards it. Needs red, green and blue.
  mutating func changeSaturation(by factor: Float)

  /// Rotates the hue by `factor` of the colour circle. Needs red, green and blue.
  mutating func changeHue(by factor: Float)

  /// Replaces each pixel by its grey. Needs red, green and blue.
  mutating func makeGrey()

  /// Inverts all values that are above the middle.
  mutating func solarise()

  /// Blurs by a Gaussian of 9 × 9 pixels; `sigma` is in pixels.
  mutating func blur(sigma: Float)
}
