#if canImport(Glibc)
  import Glibc
#endif

/// A picture at growing blurs, and the differences between them (Lowe 2004, section 3).
struct ScaleSpace {
  /// Pictures of one size.
  struct Octave {
    /// The number of pixels of the first octave that a pixel covers.
    let step: Int
    let blurred: [GreyPicture]
    /// The difference of each blurred picture and the one before.
    let differences: [GreyPicture]
  }

  /// Scales of an octave at which keypoints are looked for.
  static let scales = 3
  /// The blur of the first picture of an octave, in pixels of that octave.
  static let sigma: Float = 1.6
  /// The blur that a picture is taken to have already.
  private static let assumed: Float = 0.5
  /// The smallest side of an octave.
  private static let smallest = 16

  let octaves: [Octave]

  init(_ picture: GreyPicture) {
    var octaves: [Octave] = []
    let missing = (Self.sigma * Self.sigma - Self.assumed * Self.assumed).squareRoot()
    var first = picture.blurred(missing)
    var step = 1
    while min(first.width, first.height) >= Self.smallest {
      var blurred = [first]
      for scale in 1..<Self.scales + 3 {
        let (before, after) = (Self.blur(scale - 1), Self.blur(scale))
        blurred.append(blurred[scale - 1].blurred((after * after - before * before).squareRoot()))
      }
      let differences = zip(blurred, blurred.dropFirst()).map { low, high in
        GreyPicture(
          width: low.width, height: low.height,
          values: zip(high.values, low.values).map { $0 - $1 })
      }
      octaves.append(Octave(step: step, blurred: blurred, differences: differences))
      first = blurred[Self.scales].halved
      step *= 2
    }
    self.octaves = octaves
  }

  /// The blur of a picture of an octave, in pixels of that octave.
  static func blur(_ scale: Int) -> Float { sigma * pow(2, Float(scale) / Float(scales)) }
}
