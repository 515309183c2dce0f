/// Random numbers that depend on a key alone: Philox 4×32-10 in counter mode.
///
/// Keyed by (seed, use, a, b, c), for example (seed, .crop, step, image, crop): neither the number
/// of workers nor a restart changes what is drawn. Salmon et al. 2011, "Parallel random numbers: as
/// easy as 1, 2, 3".
package struct CounterRandom: RandomNumberGenerator, Sendable {
  /// The purpose of the numbers: two uses with the same indices never share numbers.
  package enum Use: UInt32, Sendable {
    case initialise, shuffle, crop, augment, mask, keep, texture, probe, test, cluster, retrieve,
      sheet, copy
  }

  private var key: (UInt32, UInt32)
  private var counter: (UInt32, UInt32, UInt32, UInt32)
  private var block: (UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0)
  private var left = 0

  /// A stream of 2^34 numbers of its own for each combination of arguments.
  package init(seed: UInt64, use: Use, _ a: Int = 0, _ b: Int = 0, _ c: Int = 0) {
    // a and the use are folded into the key, b and c into the counter.
    let tag = UInt64(bitPattern: Int64(a)) &+ UInt64(use.rawValue) << 56
    let mixed = Self.mix(seed ^ Self.mix(tag))
    key = (UInt32(truncatingIfNeeded: mixed), UInt32(truncatingIfNeeded: mixed >> 32))
    counter = (
      0, UInt32(truncatingIfNeeded: b), UInt32(truncatingIfNeeded: c),
      UInt32(truncatingIfNeeded: (b >> 32) ^ (c >> 32))
    )
  }

  /// SplitMix64's finaliser.
  private static func mix(_ value: UInt64) -> UInt64 {
    var z = value &+ 0x9e37_79b9_7f4a_7c15
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  private mutating func refill() {
    block = Self.philox(counter, key: key)
    counter.0 &+= 1
    left = 4
  }

  /// Philox 4×32-10: the block of a counter and a key.
  package static func philox(
    _ counter: (UInt32, UInt32, UInt32, UInt32), key: (UInt32, UInt32)
  ) -> (UInt32, UInt32, UInt32, UInt32) {
    var c = counter
    var k = key
    for _ in 0..<10 {
      let p0 = UInt64(c.0) &* 0xd251_1f53
      let p1 = UInt64(c.2) &* 0xcd9e_8d57
      c = (
        UInt32(truncatingIfNeeded: p1 >> 32) ^ c.1 ^ k.0, UInt32(truncatingIfNeeded: p1),
        UInt32(truncatingIfNeeded: p0 >> 32) ^ c.3 ^ k.1, UInt32(truncatingIfNeeded: p0)
      )
      k = (k.0 &+ 0x9e37_79b9, k.1 &+ 0xbb67_ae85)
    }
    return c
  }

  /// The next 32 random bits.
  @inline(__always)
  package mutating func next32() -> UInt32 {
    if left == 0 { refill() }
    left -= 1
    switch left {
    case 3: return block.0
    case 2: return block.1
    case 1: return block.2
    default: return block.3
    }
  }

  /// The next 64 random bits.
  package mutating func next() -> UInt64 { UInt64(next32()) << 32 | UInt64(next32()) }

  /// Uniform in [0, 1), in steps of 2^-24.
  package mutating func uniform() -> Float { Float(next32() >> 8) * 0x1p-24 }

  /// Uniform in [low, high).
  package mutating func uniform(_ low: Float, _ high: Float) -> Float {
    low + (high - low) * uniform()
  }

  /// Uniform in 0 ..< count.
  package mutating func below(_ count: Int) -> Int {
    Int((UInt64(next32()) &* UInt64(count)) >> 32)
  }

  /// Whether an event of the given probability happens.
  package mutating func chance(_ probability: Float) -> Bool { uniform() < probability }
}
