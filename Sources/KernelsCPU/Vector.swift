import CVector

/// The vector that loops work with. The compiler splits it if the machine's registers are narrower.
typealias Vector = SIMD16<Float>
typealias Pointer = UnsafeMutablePointer<Float>

extension Vector {
  /// Returns self + a · b, rounded once.
  @inline(__always)
  func addingProduct(_ a: Vector, _ b: Vector) -> Vector { dino_fused(a, b, self) }

  @inline(__always)
  func addingProduct(_ a: Vector, _ b: Float) -> Vector {
    dino_fused(a, Vector(repeating: b), self)
  }

  @inline(__always)
  mutating func addProduct(_ a: Vector, _ b: Vector) { self = dino_fused(a, b, self) }
}

@inline(__always)
private func read<T>(_ p: Pointer, as type: T.Type) -> T {
  UnsafeRawPointer(p).loadUnaligned(as: type)
}

@inline(__always)
private func write<T>(_ value: T, _ p: Pointer) {
  UnsafeMutableRawPointer(p).storeBytes(of: value, as: T.self)
}

@inline(__always)
func load(_ p: Pointer) -> Vector { read(p, as: Vector.self) }

@inline(__always)
func store(_ v: Vector, _ p: Pointer) { write(v, p) }

/// Loads `count` (≤ 16) elements; the other lanes are `fill`.
@inline(__always)
func load(_ p: Pointer, _ count: Int, fill: Float = 0) -> Vector {
  if count == 16 { return load(p) }
  if count & 8 == 0 {
    return Vector(lowHalf: loadEight(p, count, fill), highHalf: SIMD8(repeating: fill))
  }
  return Vector(lowHalf: read(p, as: SIMD8<Float>.self), highHalf: loadEight(p + 8, count, fill))
}

/// Loads `count` mod 8 elements; the other lanes are `fill`.
@inline(__always)
private func loadEight(_ p: Pointer, _ count: Int, _ fill: Float) -> SIMD8<Float> {
  if count & 4 == 0 {
    return SIMD8(lowHalf: loadFour(p, count, fill), highHalf: SIMD4(repeating: fill))
  }
  return SIMD8(lowHalf: read(p, as: SIMD4<Float>.self), highHalf: loadFour(p + 4, count, fill))
}

/// Loads `count` mod 4 elements; the other lanes are `fill`.
@inline(__always)
private func loadFour(_ p: Pointer, _ count: Int, _ fill: Float) -> SIMD4<Float> {
  if count & 2 == 0 { return SIMD4(count & 1 == 0 ? fill : p[0], fill, fill, fill) }
  return SIMD4(p[0], p[1], count & 1 == 0 ? fill : p[2], fill)
}

/// Stores the first `count` (≤ 16) lanes.
@inline(__always)
func store(_ v: Vector, _ p: Pointer, _ count: Int) {
  if count == 16 { return store(v, p) }
  var p = p
  var eight = v.lowHalf
  if count & 8 != 0 {
    write(eight, p)
    eight = v.highHalf
    p += 8
  }
  var four = eight.lowHalf
  if count & 4 != 0 {
    write(four, p)
    four = eight.highHalf
    p += 4
  }
  var two = four.lowHalf
  if count & 2 != 0 {
    write(two, p)
    two = four.highHalf
    p += 2
  }
  if count & 1 != 0 { p[0] = two.x }
}

/// Returns the sum of the lanes, added in a fixed order.
@inline(__always)
func sumOfLanes(_ v: Vector) -> Float {
  let eight = v.lowHalf + v.highHalf
  let four = eight.lowHalf + eight.highHalf
  let two = four.lowHalf + four.highHalf
  return two.x + two.y
}

/// Returns the larger of each pair of lanes. A NaN in `a` is kept, one in `b` is ignored. The
/// standard library's `pointwiseMax` computes one lane at a time.
@inline(__always)
func larger(_ a: Vector, _ b: Vector) -> Vector { dino_larger(a, b) }

/// Returns the smaller of each pair of lanes. NaNs are treated as in `larger`.
@inline(__always)
func smaller(_ a: Vector, _ b: Vector) -> Vector { dino_smaller(a, b) }

/// Returns the largest lane.
@inline(__always)
func maximumOfLanes(_ v: Vector) -> Float { dino_largest_lane(v) }

/// Calls `body` with every 16th index and the number of elements there: 16, or fewer at the end.
@inline(__always)
func forEachVector(_ count: Int, _ body: (_ i: Int, _ lanes: Int) -> Void) {
  var i = 0
  while i < count {
    body(i, min(16, count &- i))
    i &+= 16
  }
}

/// Sets y[i] = f(x[i]); y may be x.
@inline(__always)
func map(_ count: Int, _ x: Pointer, _ y: Pointer, _ f: (Vector) -> Vector) {
  forEachVector(count) { i, lanes in store(f(load(x + i, lanes)), y + i, lanes) }
}

/// Sets y[i] = f(a[i], b[i]); y may be a or b.
@inline(__always)
func combine(
  _ count: Int, _ a: Pointer, _ b: Pointer, _ y: Pointer, _ f: (Vector, Vector) -> Vector
) {
  forEachVector(count) { i, lanes in
    store(f(load(a + i, lanes), load(b + i, lanes)), y + i, lanes)
  }
}

/// Returns Σ f(x[i]), added in a fixed order. f(fill) must be 0.
@inline(__always)
func accumulate(_ count: Int, _ x: Pointer, fill: Float = 0, _ f: (Vector) -> Vector) -> Float {
  var even = Vector.zero
  var odd = Vector.zero
  let pairs = count & ~31
  var i = 0
  while i < pairs {
    even += f(load(x + i))
    odd += f(load(x + i + 16))
    i &+= 32
  }
  forEachVector(count - pairs) { i, lanes in even += f(load(x + pairs + i, lanes, fill: fill)) }
  return sumOfLanes(even + odd)
}

/// Returns Σ a[i] · b[i], added in a fixed order.
@inline(__always)
func dot(_ count: Int, _ a: Pointer, _ b: Pointer) -> Float {
  var even = Vector.zero
  var odd = Vector.zero
  let pairs = count & ~31
  var i = 0
  while i < pairs {
    even.addProduct(load(a + i), load(b + i))
    odd.addProduct(load(a + i + 16), load(b + i + 16))
    i &+= 32
  }
  forEachVector(count - pairs) { i, lanes in
    even.addProduct(load(a + pairs + i, lanes), load(b + pairs + i, lanes))
  }
  return sumOfLanes(even + odd)
}

/// Returns the largest of `count` elements; −∞ if there are none.
@inline(__always)
func maximum(_ count: Int, _ x: Pointer) -> Float {
  var even = Vector(repeating: -.infinity)
  var odd = even
  let pairs = count & ~31
  var i = 0
  while i < pairs {
    even = larger(even, load(x + i))
    odd = larger(odd, load(x + i + 16))
    i &+= 32
  }
  forEachVector(count - pairs) { i, lanes in
    even = larger(even, load(x + pairs + i, lanes, fill: -.infinity))
  }
  return maximumOfLanes(larger(even, odd))
}

/// Returns the index of the largest of `count` elements; of equal elements, the first. Returns 0 if
/// all are NaN.
func firstMaximum(_ count: Int, _ x: Pointer) -> Int {
  let largest = maximum(count, x)
  var i = 0
  while i &+ 16 <= count && maximumOfLanes(load(x + i)) != largest { i &+= 16 }
  while i < count && x[i] != largest { i &+= 1 }
  return i < count ? i : 0
}
