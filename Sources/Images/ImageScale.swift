/// The scale at which a JPEG is decoded: a smaller one transforms fewer coefficients.
///
/// Only powers of two are offered, which libjpeg-turbo decodes with vector instructions.
package enum ImageScale: Int, CaseIterable, Sendable, Comparable {
  case eighth = 1
  case quarter = 2
  case half = 4
  case whole = 8

  /// The scale of a side, in eighths.
  var eighths: Int { rawValue }

  package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }

  /// Returns the size at this scale of an image with a given full size. Sides are rounded up.
  package func size(of whole: ImageSize) -> ImageSize {
    ImageSize(
      width: (whole.width * eighths + 7) / 8, height: (whole.height * eighths + 7) / 8)
  }

  /// Returns the smallest scale at which the shortest side has at least `side` pixels; `whole` if
  /// there is none.
  package static func keeping(_ side: Int, of whole: ImageSize) -> ImageScale {
    smallest { min($0.size(of: whole).width, $0.size(of: whole).height) >= side }
  }

  /// Returns the smallest scale that satisfies a condition; `whole` if there is none.
  package static func smallest(where condition: (ImageScale) -> Bool) -> ImageScale {
    allCases.first(where: condition) ?? .whole
  }
}

/// Chooses a scale, given the full size of the upright image.
package typealias ScaleChoice = (_ whole: ImageSize) -> ImageScale
