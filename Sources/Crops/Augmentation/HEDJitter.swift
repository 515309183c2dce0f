#if canImport(Glibc)
  import Glibc
#endif

/// Shifts of the stains of histology, as other laboratories and scanners show them (Tellez et al. 2018).
///
/// The optical density of a pixel is a sum of stains: −ln(rgb) = 13.8 · stains · `colours`, on the scale of
/// scikit-image, where 1 is a density of 10⁻⁶. A shift of the stains adds to the density, so that it multiplies
/// each colour by the same factor in all pixels.
package enum HEDJitter {
  /// The density of red, green and blue that haematoxylin, eosin and DAB have (Ruifrok and Johnston 2001).
  private static let colours: [SIMD3<Float>] = [
    SIMD3(0.65, 0.70, 0.29), SIMD3(0.07, 0.99, 0.11), SIMD3(0.27, 0.57, 0.78),
  ]
  /// −ln(10⁻⁶).
  private static let scale: Float = 13.815511

  /// The factors of red, green and blue for shifts of haematoxylin, eosin and DAB.
  package static func factors(_ shifts: SIMD3<Float>) -> SIMD3<Float> {
    let density = colours.indices.reduce(SIMD3<Float>()) { $0 + shifts[$1] * colours[$1] } * scale
    return SIMD3(exp(-density.x), exp(-density.y), exp(-density.z))
  }
}
