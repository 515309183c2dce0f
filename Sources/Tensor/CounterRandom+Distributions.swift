#if canImport(Glibc)
  import Glibc
#endif

extension CounterRandom {
  /// Normal with mean 0 and deviation 1 (Box–Muller).
  package mutating func normal() -> Float {
    let u = Double(next32() | 1) * 0x1p-32
    let v = Double(next32()) * 0x1p-32
    return Float((-2 * log(u)).squareRoot() * cos(2 * .pi * v))
  }

  /// Normal cut to ±2 (in units where the deviation is `deviation`, PyTorch's `trunc_normal_` with
  /// its bounds −2 and 2 taken absolutely).
  package mutating func truncatedNormal(deviation: Float) -> Float {
    while true {
      let value = normal() * deviation
      if abs(value) <= 2 { return value }
    }
  }

  /// Uniform in [0, 1), in steps of 2^-53.
  package mutating func uniformDouble() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// A permutation of 0 ..< count (Fisher–Yates).
  package mutating func permutation(_ count: Int) -> [Int] {
    var order = Array(0..<count)
    var i = count - 1
    while i > 0 {
      order.swapAt(i, below(i + 1))
      i -= 1
    }
    return order
  }

  /// The first `size` of a permutation of 0 ..< count.
  package mutating func subset(_ size: Int, of count: Int) -> [Int] {
    var order = Array(0..<count)
    for i in 0..<size { order.swapAt(i, i + below(count - i)) }
    return Array(order.prefix(size))
  }
}
