/// The part of its size at which a JPEG is decoded, by transforming fewer coefficients.
///
/// Only the powers of two, which libjpeg-turbo decodes with vector instructions.
package enum ImageScale: Int, CaseIterable, Sendable, Comparable {
  case eighth = 1
  case quarter = 2
  case half = 4
  case whole = 8

  /// In eighths of a side.
  var eighths: Int { rawValue }

  package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }

  /// The size at this scale of a picture whose whole size is given; sides are rounded up.
  package func size(of whole: ImageSize) -> ImageSize {
    ImageSize(
      width: (whole.width * eighths + 7) / 8, height: (whole.height * eighths + 7) / 8)
  }

  /// The smallest scale at which the shortest side is `side` or more, or else the whole picture.
  package static func keeping(_ side: Int, of whole: ImageSize) -> ImageScale {
    smallest { min($0.size(of: whole).width, $0.size(of: whole).height) >= side }
  }

  /// The smallest scale that will do, or else the whole picture.
  package static func smallest(where willDo: (ImageScale) -> Bool) -> ImageScale {
    allCases.first(where: willDo) ?? .whole
  }
}

/// Chooses a scale by the whole upright size.
package typealias ScaleChoice = (_ whole: ImageSize) -> ImageScale
