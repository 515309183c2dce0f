/// Returns eˣ to about one unit in the last place. Arguments are clamped to −87.3 … 88.3, where
/// results are normal floats. The result for NaN is NaN.
@inline(__always)
func exp(_ x: Vector) -> Vector {
  let clamped = smaller(larger(x, Vector(repeating: -87.3)), Vector(repeating: 88.3))
  // Adding 1.5·2²³ rounds to an integer and leaves it in the low bits.
  let magic = Vector(repeating: 12_582_912)
  let shifted = magic.addingProduct(clamped, Vector(repeating: 1.442695))
  let n = shifted - magic
  var r = clamped.addingProduct(n, Vector(repeating: -0.693359375))
  r = r.addingProduct(n, Vector(repeating: 2.12194440e-4))
  var p = Vector(repeating: 1.9875691500e-4)
  p = Vector(repeating: 1.3981999507e-3).addingProduct(p, r)
  p = Vector(repeating: 8.3334519073e-3).addingProduct(p, r)
  p = Vector(repeating: 4.1665795894e-2).addingProduct(p, r)
  p = Vector(repeating: 1.6666665459e-1).addingProduct(p, r)
  p = Vector(repeating: 5.0000001201e-1).addingProduct(p, r)
  p = (r + 1).addingProduct(p, r * r)
  let exponent = unsafeBitCast(shifted, to: SIMD16<Int32>.self) &<< 23
  let scale = unsafeBitCast(exponent &+ SIMD16<Int32>(repeating: 0x3f80_0000), to: Vector.self)
  return p * scale
}

/// Returns the error function to some units in the last place: a rational approximation within ±4.
/// Beyond that the function is ±1 as a float.
@inline(__always)
func erf(_ value: Vector) -> Vector {
  let x = smaller(larger(value, Vector(repeating: -4)), Vector(repeating: 4))
  let s = x * x
  var p = Vector(repeating: -2.72614225801306e-10)
  p = Vector(repeating: 2.77068142495902e-08).addingProduct(p, s)
  p = Vector(repeating: -2.10102402082508e-06).addingProduct(p, s)
  p = Vector(repeating: -5.69250639462346e-05).addingProduct(p, s)
  p = Vector(repeating: -7.34990630326855e-04).addingProduct(p, s)
  p = Vector(repeating: -2.95459980854025e-03).addingProduct(p, s)
  p = Vector(repeating: -1.60960333262415e-02).addingProduct(p, s)
  var q = Vector(repeating: -1.45660718464996e-05)
  q = Vector(repeating: -2.13374055278905e-04).addingProduct(q, s)
  q = Vector(repeating: -1.68282697438203e-03).addingProduct(q, s)
  q = Vector(repeating: -7.37332916720468e-03).addingProduct(q, s)
  q = Vector(repeating: -1.42647390514189e-02).addingProduct(q, s)
  return x * p / q
}

/// Returns the natural logarithm of positive normal numbers to about one unit in the last place.
/// The result for zero is finite, so that 0 · log 0 is 0.
@inline(__always)
func log(_ x: Vector) -> Vector {
  // x = m · 2ᵉ with m from √½ to √2.
  let half = SIMD16<Int32>(repeating: 0x3f35_04f3)
  let bits = unsafeBitCast(x, to: SIMD16<Int32>.self) &- half
  let exponent = Vector(bits &>> 23)
  let m = unsafeBitCast((bits & 0x007f_ffff) &+ half, to: Vector.self)
  let r = m - 1
  let s = r * r
  var p = Vector(repeating: 7.0376836292e-2)
  p = Vector(repeating: -1.1514610310e-1).addingProduct(p, r)
  p = Vector(repeating: 1.1676998740e-1).addingProduct(p, r)
  p = Vector(repeating: -1.2420140846e-1).addingProduct(p, r)
  p = Vector(repeating: 1.4249322787e-1).addingProduct(p, r)
  p = Vector(repeating: -1.6668057665e-1).addingProduct(p, r)
  p = Vector(repeating: 2.0000714765e-1).addingProduct(p, r)
  p = Vector(repeating: -2.4999993993e-1).addingProduct(p, r)
  p = Vector(repeating: 3.3333331174e-1).addingProduct(p, r)
  var y = p * r * s
  y.addProduct(exponent, Vector(repeating: -2.12194440e-4))
  y.addProduct(s, Vector(repeating: -0.5))
  return (r + y).addingProduct(exponent, Vector(repeating: 0.693359375))
}
