/// How the samples of image files become the channels of a network's input.
package struct SampleFormat: Sendable, Hashable {
  /// What becomes of the samples' numbers.
  package enum Scaling: Sendable, Hashable {
    /// The least number of the type of a file's samples becomes 0 and the greatest 1. Fractions stay
    /// as they are; they must lie within 0 … 1.
    case type
    /// The bounds of each channel's range become 0 and 1, and what lies beyond is clamped.
    case ranges([ClosedRange<Float>])
    /// Numbers stay as the file has them, to measure their ranges.
    case none
  }

  /// The number of channels of an image.
  package let channels: Int
  package let scaling: Scaling

  package init(channels: Int, scaling: Scaling) {
    precondition(channels > 0)
    if case .ranges(let ranges) = scaling { precondition(ranges.count == channels) }
    (self.channels, self.scaling) = (channels, scaling)
  }

  /// - Parameter range: the range of each channel; empty to scale by the samples' type.
  package init(channels: Int, range: [ClosedRange<Float>] = []) {
    self.init(channels: channels, scaling: range.isEmpty ? .type : .ranges(range))
  }
}
