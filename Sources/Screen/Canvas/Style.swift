/// How a cell looks: roles, not colours. Only the terminal knows what colour a role has.
package struct Style: Equatable, Hashable, Sendable {
  package var foreground: Role
  package var background: Role
  package var attributes: Attributes

  package init(
    _ foreground: Role = .text, on background: Role = .background, _ attributes: Attributes = []
  ) {
    self.foreground = foreground
    self.background = background
    self.attributes = attributes
  }
}

/// One place of the screen: a glyph of one column and its style.
///
/// A glyph of two columns is followed by a cell whose glyph is `Cell.continuation`.
package struct Cell: Equatable, Sendable {
  package var glyph: Unicode.Scalar
  package var style: Style

  package init(_ glyph: Unicode.Scalar = " ", _ style: Style = Style()) {
    self.glyph = glyph
    self.style = style
  }

  /// Holds the second column of a wide glyph.
  package static let continuation: Unicode.Scalar = "\0"
}
