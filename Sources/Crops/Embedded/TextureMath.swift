/// Sixteen neighbouring pixels of a row.
typealias Lanes = SIMD16<Float>

/// The functions that textures are made of, for sixteen pixels at a time. Each is a few vector
/// instructions, without calls, tables or branches.
enum TextureMath {
  private static let magic: Float = 12_582_912  // 1.5 · 2^23: adding it rounds to a whole number

  /// The largest integer not above x, for |x| < 2^21.
  @inline(__always)
  static func floor(_ x: Lanes) -> Lanes {
    let rounded = (x + magic) - magic
    return rounded.replacing(with: rounded - 1, where: rounded .> x)
  }

  @inline(__always)
  static func fraction(_ x: Lanes) -> Lanes { x - floor(x) }

  @inline(__always)
  static func absolute(_ x: Lanes) -> Lanes { x.replacing(with: -x, where: x .< 0) }

  @inline(__always)
  static func lesser(_ a: Lanes, _ b: Lanes) -> Lanes { a.replacing(with: b, where: b .< a) }

  @inline(__always)
  static func greater(_ a: Lanes, _ b: Lanes) -> Lanes { a.replacing(with: b, where: b .> a) }

  /// The distance from the nearest integer, 0 … 0.5: a triangle wave of period 1.
  @inline(__always)
  static func triangle(_ x: Lanes) -> Lanes { absolute(x - ((x + magic) - magic)) }

  /// sin(2πx) within 0.001: a parabola through the wave's zeros, and one refinement of it.
  @inline(__always)
  static func wave(_ x: Lanes) -> Lanes {
    let turn = x - ((x + magic) - magic)
    let coarse = turn * (8 - 16 * absolute(turn))
    return coarse * (0.775 + 0.225 * absolute(coarse))
  }

  /// 1 inside a shape, 0 outside, and a soft step between; `depth` is the distance to the border,
  /// in periods, positive inside.
  @inline(__always)
  static func inside(_ depth: Lanes, softness: Float = 0.1) -> Lanes {
    (depth * (1 / softness) + 0.5).clamped(lowerBound: Lanes(repeating: 0), upperBound: .one)
  }

  /// Rounds to the nearest integer in 0 … 255.
  @inline(__always)
  static func bytes(_ x: Lanes) -> SIMD16<UInt8> {
    let limited = x.clamped(lowerBound: .zero, upperBound: Lanes(repeating: 255))
    return SIMD16<UInt8>(
      truncatingIfNeeded: unsafeBitCast(limited + magic, to: SIMD16<UInt32>.self))
  }

  /// A hash of each point of a lattice, uniform in [0, 1); `x` and `y` are integers.
  @inline(__always)
  static func lattice(_ x: Lanes, _ y: Lanes, _ seed: UInt32) -> Lanes {
    let column = unsafeBitCast(x + magic, to: SIMD16<UInt32>.self)
    let row = unsafeBitCast(y + magic, to: SIMD16<UInt32>.self)
    var h = column &* 0x9e37_79b1 ^ row &* 0x85eb_ca77 ^ SIMD16(repeating: seed)
    h = (h ^ h &>> 15) &* 0x2c1b_3c6d
    h = (h ^ h &>> 12) &* 0x297a_2d39
    h ^= h &>> 15
    return unsafeBitCast(h &>> 9 | 0x3f80_0000, to: Lanes.self) - 1
  }

  /// Smooth noise in [0, 1), interpolated between the values of a lattice.
  @inline(__always)
  static func noise(_ x: Lanes, _ y: Lanes, _ seed: UInt32) -> Lanes {
    let left = floor(x)
    let top = floor(y)
    let fx = x - left
    let fy = y - top
    let sx = fx * fx * (3 - 2 * fx)
    let sy = fy * fy * (3 - 2 * fy)
    let a = lattice(left, top, seed)
    let b = lattice(left + 1, top, seed)
    let c = lattice(left, top + 1, seed)
    let d = lattice(left + 1, top + 1, seed)
    let upper = a + sx * (b - a)
    let lower = c + sx * (d - c)
    return upper + sy * (lower - upper)
  }
}

extension SIMD16<Float> {
  @inline(__always)
  static var one: Self { Self(repeating: 1) }
}
