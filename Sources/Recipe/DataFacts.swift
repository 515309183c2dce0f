/// What is known of a data set before a recipe is chosen for it.
package struct DataFacts: Sendable, Equatable {
  /// The path as a recipe has it.
  package var path: String
  package var images: Int
  /// The number of classes; 0 without labels.
  package var classes: Int
  /// The median of the images' shorter sides, in pixels.
  package var side: Int
  /// The channels and the bits of a sample, where red, green and blue of 8 bits do not hold them; `nil` if they
  /// do.
  package var samples: Samples?
  /// Whether hardly any image has colours.
  package var isGrey: Bool
  /// Of each channel: the range that becomes 0 to 1, empty for the type's, and mean and deviation.
  package var range: [ClosedRange<Double>]
  package var mean: [Double]
  package var std: [Double]

  package init(
    path: String, images: Int, classes: Int, side: Int, samples: Samples? = nil,
    isGrey: Bool = false, range: [ClosedRange<Double>] = [], mean: [Double], std: [Double]
  ) {
    (self.path, self.images, self.classes, self.side) = (path, images, classes, side)
    (self.samples, self.isGrey, self.range) = (samples, isGrey, range)
    (self.mean, self.std) = (mean, std)
  }

  /// How samples are stored.
  package struct Samples: Sendable, Equatable {
    package var channels: Int
    /// `nil` for fractions.
    package var bits: Int?

    package init(channels: Int, bits: Int?) { (self.channels, self.bits) = (channels, bits) }
  }
}
