#if canImport(Glibc)
  import Glibc
#endif

/// The width that loops work in; the compiler splits it where the machine's registers are narrower.
typealias Vector = SIMD16<Float>
typealias Pointer = UnsafeMutablePointer<Float>

@inline(__always)
func load(_ p: Pointer) -> Vector { UnsafeRawPointer(p).loadUnaligned(as: Vector.self) }

@inline(__always)
func store(_ v: Vector, _ p: Pointer) {
  UnsafeMutableRawPointer(p).storeBytes(of: v, as: Vector.self)
}

/// The first `count` (< 16) elements; the others are `fill`.
@inline(__always)
func load(_ p: Pointer, _ count: Int, fill: Float = 0) -> Vector {
  var v = Vector(repeating: fill)
  for i in 0..<count { v[i] = p[i] }
  return v
}

@inline(__always)
func store(_ v: Vector, _ p: Pointer, _ count: Int) { for i in 0..<count { p[i] = v[i] } }

/// The sum of the lanes, in a fixed order.
@inline(__always)
func sum(_ v: Vector) -> Float {
  let eight = v.lowHalf + v.highHalf
  let four = eight.lowHalf + eight.highHalf
  let two = four.lowHalf + four.highHalf
  return two.x + two.y
}

/// y[i] = f(x[i]); y may be x.
@inline(__always)
func map(_ count: Int, _ x: Pointer, _ y: Pointer, _ f: (Vector) -> Vector) {
  var i = 0
  while i + 16 <= count {
    store(f(load(x + i)), y + i)
    i += 16
  }
  if i < count { store(f(load(x + i, count - i)), y + i, count - i) }
}

/// y[i] = f(a[i], b[i]); y may be a or b.
@inline(__always)
func combine(
  _ count: Int, _ a: Pointer, _ b: Pointer, _ y: Pointer, _ f: (Vector, Vector) -> Vector
) {
  var i = 0
  while i + 16 <= count {
    store(f(load(a + i), load(b + i)), y + i)
    i += 16
  }
  if i < count {
    store(f(load(a + i, count - i), load(b + i, count - i)), y + i, count - i)
  }
}

/// Σ f(a[i], b[i]) where f(0, 0) = 0, added up in a fixed order.
@inline(__always)
func accumulate(
  _ count: Int, _ a: Pointer, _ b: Pointer, _ f: (Vector, Vector) -> Vector
) -> Float {
  var total = Vector.zero
  var i = 0
  while i + 16 <= count {
    total += f(load(a + i), load(b + i))
    i += 16
  }
  if i < count { total += f(load(a + i, count - i), load(b + i, count - i)) }
  return sum(total)
}

/// The largest of `count` elements.
@inline(__always)
func maximum(_ count: Int, _ x: Pointer) -> Float {
  var best = Vector(repeating: -.infinity)
  var i = 0
  while i + 16 <= count {
    best = pointwiseMax(best, load(x + i))
    i += 16
  }
  if i < count { best = pointwiseMax(best, load(x + i, count - i, fill: -.infinity)) }
  return best.max()
}

/// eˣ to about one unit in the last place; arguments are held within ±87, where floats are normal.
@inline(__always)
func exp(_ x: Vector) -> Vector {
  let clamped = pointwiseMin(
    pointwiseMax(x, Vector(repeating: -87.3)), Vector(repeating: 88.3))
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

/// The error function to some units in the last place: a rational approximation on ±4, beyond which
/// a float is ±1.
@inline(__always)
func erf(_ value: Vector) -> Vector {
  let x = pointwiseMin(pointwiseMax(value, Vector(repeating: -4)), Vector(repeating: 4))
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
