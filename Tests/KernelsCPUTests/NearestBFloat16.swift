/// Returns the nearest bfloat16, ties to even.
func nearestBFloat16(_ x: Float) -> Double {
  let bits = x.bitPattern
  return Double(Float(bitPattern: (bits &+ 0x7fff &+ (bits >> 16 & 1)) & 0xffff_0000))
}
