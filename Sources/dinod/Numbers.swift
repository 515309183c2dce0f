#if canImport(Glibc)
  import Glibc
#endif

extension String {
  /// A number with one digit before the point: `1.2e-07`.
  init(scientific value: Double, digits: Int) {
    guard value.isFinite, value != 0 else {
      self = value == 0 ? "0" : "\(value)"
      return
    }
    var exponent = Int(log10(abs(value)).rounded(.down))
    let scale = pow(10, Double(digits))
    // Powers below the smallest normal number would lose digits.
    var mantissa = (value / pow(10, Double(exponent)) * scale).rounded()
    if abs(mantissa) >= 10 * scale {
      mantissa /= 10
      exponent += 1
    }
    let whole = String(Int(abs(mantissa).rounded()))
    let rest = digits > 0 ? "." + whole.dropFirst() : ""
    let power = abs(exponent) < 10 ? "0\(abs(exponent))" : "\(abs(exponent))"
    self =
      (value < 0 ? "-" : "") + whole.prefix(1) + rest + "e" + (exponent < 0 ? "-" : "+") + power
  }

  /// Without the blanks at its end.
  var trimmedEnd: String {
    guard let last = lastIndex(where: { $0 != " " }) else { return "" }
    return String(self[...last])
  }
}
