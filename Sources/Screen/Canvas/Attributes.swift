/// Display attributes of a glyph that need no colour.
package struct Attributes: OptionSet, Hashable, Sendable {
  /// The set as bits.
  package var rawValue: UInt8
  /// Creates a set from its bits.
  package init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Bold or bright.
  package static let bold = Attributes(rawValue: 1)
  /// Dim.
  package static let dim = Attributes(rawValue: 2)
  /// Foreground and background exchanged.
  package static let reverse = Attributes(rawValue: 4)
  /// Underlined.
  package static let underline = Attributes(rawValue: 8)
}
