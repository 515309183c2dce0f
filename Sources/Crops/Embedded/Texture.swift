/// One class of the embedded images: a pattern that fills the plane.
struct Texture: Sendable {
  /// Returns the value of the pattern at sixteen points. `u` and `v` are in periods of the
  /// pattern; `seed` determines its random parts. Values may have any range, since a painting
  /// standardises them.
  typealias Field = @Sendable (_ u: Lanes, _ v: Lanes, _ seed: UInt32) -> Lanes

  let name: String
  /// The length of one period, in units that make all textures about equally coarse.
  let period: Float
  let field: Field

  init(_ name: String, period: Float, _ field: @escaping Field) {
    self.name = name
    self.period = period
    self.field = field
  }

  /// The classes in the order of their labels.
  static let all = lines + tiles + shapes + random
}
