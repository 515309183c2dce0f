#if canImport(Glibc)
  import Glibc
#endif

// Numbers with a given precision, for tables and files.

extension Format {
  /// Returns a number with `places` decimals, such as `41.20`. Halves are rounded away from zero,
  /// and what rounds to zero has no sign.
  package static func decimals(_ value: Double, _ places: Int) -> String {
    let scaled = (abs(value) * power(places)).rounded()
    // Larger Doubles have no decimals.
    guard scaled < 1e15 else { return "\(value)" }
    let sign = value < 0 && scaled > 0 ? "-" : ""
    let digits = String(Int(scaled))
    guard places > 0 else { return sign + digits }
    let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
    return sign + padded.dropLast(places) + "." + padded.suffix(places)
  }

  /// Returns the same without trailing zeros, such as `0.95` or `12`.
  package static func shortDecimals(_ value: Double, _ places: Int) -> String {
    var text = decimals(value, places)
    guard text.contains("."), !text.contains("e") else { return text }
    while text.last == "0" { text.removeLast() }
    if text.last == "." { text.removeLast() }
    return text
  }

  /// Returns a number in scientific notation with `places` decimals and an exponent of at least
  /// two digits, such as `1.2e-07`. Zero is `0`.
  package static func scientific(_ value: Double, _ places: Int) -> String {
    value == 0 ? "0" : value.isFinite ? printf("%.\(places)e", value) : "\(value)"
  }

  /// Returns the shortest text of a number rounded to `digits` significant digits, such as
  /// `0.0412`, `4e-05` or `12350.0`.
  package static func significant(_ value: Double, _ digits: Int) -> String {
    guard value != 0, value.isFinite else { return value == 0 ? "0" : "\(value)" }
    let scale = pow(10, Double(digits - 1) - log10(abs(value)).rounded(.down))
    return "\(Float((value * scale).rounded() / scale))"
  }

  /// Returns a memory size rounded up, such as `1.72 GiB`, or whole MiB below one GiB.
  package static func bytesRoundedUp(_ bytes: Int) -> String {
    guard bytes >= 1 << 30 else { return "\((bytes + (1 << 20) - 1) >> 20) MiB" }
    // The rest apart, since a hundred times an amount that a damaged message states may overflow.
    let hundredths = 100 * (bytes >> 30) + (100 * (bytes & ((1 << 30) - 1)) + (1 << 30) - 1) >> 30
    return decimals(Double(hundredths) / 100, 2) + " GiB"
  }

  private static func power(_ places: Int) -> Double {
    (0..<places).reduce(1) { power, _ in power * 10 }
  }
}
