/// What an image file stores of a pixel.
package struct StoredSamples: Sendable, Equatable {
  /// The number of samples, without alpha.
  package let channels: Int
  /// The bits of a sample that is a whole number; `nil` for fractions.
  package let bits: Int?

  /// Whether red, green and blue of 8 bits leave nothing out.
  package var fitsRGB: Bool { channels <= 3 && bits.map { $0 <= 8 } ?? false }
}
