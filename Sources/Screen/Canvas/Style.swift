/// The appearance of a cell as roles. The terminal maps roles to colours by its theme.
package struct Style: Equatable, Hashable, Sendable {
  /// The role of the glyph.
  package var foreground: Role
  /// The role of the area behind the glyph.
  package var background: Role
  /// Attributes such as bold.
  package var attributes: Attributes
  /// The colours of a picture's pixels, which no theme changes; `nil` for anything else.
  package var pixels: Pixels?

  /// Two pixels of a picture, one above the other, for a cell with the glyph `Cell.pixels`.
  package struct Pixels: Equatable, Hashable, Sendable {
    package var upper: Colour
    package var lower: Colour
  }

  /// Creates a style.
  package init(
    _ foreground: Role = .text, on background: Role = .background, _ attributes: Attributes = []
  ) {
    self.foreground = foreground
    self.background = background
    self.attributes = attributes
  }
}

/// A position on the screen: a glyph and its style.
///
/// A glyph that is two columns wide is followed by a cell with the glyph `Cell.continuation`.
package struct Cell: Equatable, Sendable {
  /// The glyph, normally one column wide.
  package var glyph: Unicode.Scalar
  /// The appearance of the glyph.
  package var style: Style

  /// Creates a cell, by default a space.
  package init(_ glyph: Unicode.Scalar = " ", _ style: Style = Style()) {
    self.glyph = glyph
    self.style = style
  }

  /// The glyph of two pixels: the upper one is its ink, the lower one its ground.
  package static let pixels: Unicode.Scalar = "▀"

  /// The glyph of the second cell of a wide glyph.
  package static let continuation: Unicode.Scalar = "\0"
}
