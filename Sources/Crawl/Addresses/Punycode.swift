/// Names beyond ASCII, in ASCII (RFC 3492).
enum Punycode {
  private static let (base, least, most, skew, damp): (Int, Int, Int, Int, Int) =
    (36, 1, 26, 38, 700)
  /// The most characters of a label; more are no name, and would take long.
  private static let mostCharacters = 63

  /// Returns a label of a host's name with ASCII alone; `nil` if it cannot be.
  static func label(_ text: Substring) -> String? {
    let scalars = text.unicodeScalars.map { Int($0.value) }
    guard scalars.contains(where: { $0 >= 0x80 }) else { return String(text) }
    guard scalars.count <= mostCharacters else { return nil }
    var output = scalars.filter { $0 < 0x80 }.map { UInt8($0) }
    var handled = output.count
    let basic = handled
    if basic > 0 { output.append(UInt8(ascii: "-")) }
    var (n, delta, bias) = (128, 0, 72)
    while handled < scalars.count {
      let next = scalars.filter { $0 >= n }.min()!
      delta += (next - n) * (handled + 1)
      n = next
      for scalar in scalars {
        if scalar < n { delta += 1 }
        if scalar == n {
          append(delta, bias, to: &output)
          bias = adapted(delta, handled + 1, isFirst: handled == basic)
          delta = 0
          handled += 1
        }
      }
      delta += 1
      n += 1
    }
    return "xn--" + String(decoding: output, as: UTF8.self)
  }

  /// Appends a number of variable length.
  private static func append(_ number: Int, _ bias: Int, to output: inout [UInt8]) {
    var rest = number
    var k = base
    while true {
      let threshold = min(max(k - bias, least), most)
      if rest < threshold { break }
      output.append(digit(threshold + (rest - threshold) % (base - threshold)))
      rest = (rest - threshold) / (base - threshold)
      k += base
    }
    output.append(digit(rest))
  }

  private static func digit(_ value: Int) -> UInt8 {
    UInt8(value < 26 ? Int(UInt8(ascii: "a")) + value : Int(UInt8(ascii: "0")) + value - 26)
  }

  private static func adapted(_ delta: Int, _ count: Int, isFirst: Bool) -> Int {
    var delta = isFirst ? delta / damp : delta / 2
    delta += delta / count
    var k = 0
    while delta > ((base - least) * most) / 2 {
      delta /= base - least
      k += base
    }
    return k + (base - least + 1) * delta / (delta + skew)
  }
}
