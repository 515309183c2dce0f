private typealias Lanes = SIMD16<Float>

@inline(__always)
private func lanes(_ p: UnsafePointer<Float>) -> Lanes {
  UnsafeRawPointer(p).loadUnaligned(as: Lanes.self)
}

/// Returns Σ a[i] · b[i], added in a fixed order: the same bits on every machine, and if a and b
/// are exchanged. It is the score of a pair, whichever way the pair was found.
@inline(__always)
func dot(_ count: Int, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>) -> Float {
  var (even, odd) = (Lanes.zero, Lanes.zero)
  var i = 0
  while i &+ 32 <= count {
    even += lanes(a + i) * lanes(b + i)
    odd += lanes(a + i + 16) * lanes(b + i + 16)
    i &+= 32
  }
  if i &+ 16 <= count {
    even += lanes(a + i) * lanes(b + i)
    i &+= 16
  }
  let all = even + odd
  let eight = all.lowHalf + all.highHalf
  let four = eight.lowHalf + eight.highHalf
  let two = four.lowHalf + four.highHalf
  var sum = two.x + two.y
  while i < count {
    sum += a[i] * b[i]
    i &+= 1
  }
  return sum
}

/// The relative error of `dot`, as a fraction of the product of both lengths.
func dotError(_ count: Int) -> Float { Float(count / 32 + 40) * 0x1p-23 }
