#if canImport(Glibc)
  import Glibc
#endif

/// Numbers, durations and dates as text for people. Plain ASCII, so that every terminal can show
/// it.
package enum Format {
  /// Formats one number with a `printf` format. The result has at most 63 bytes.
  package static func printf(_ format: String, _ value: any CVarArg) -> String {
    withVaList([value]) { arguments in
      withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
        _ = vsnprintf(buffer.baseAddress!, 64, format, arguments)
        return String(cString: buffer.baseAddress!)
      }
    }
  }

  /// Returns a number with about four significant digits, such as `0.0412`, `10.23`, `1.23e-4` or
  /// `12.3k`; `-` if it is not finite.
  package static func number(_ value: Double) -> String {
    guard value.isFinite else { return "-" }
    let size = abs(value)
    return switch size {
    case 0: "0"
    case ..<0.01: exponent(printf("%.2e", value))
    case ..<1: printf("%.4f", value)
    case ..<10: printf("%.3f", value)
    case ..<100: printf("%.2f", value)
    case ..<1000: printf("%.1f", value)
    case ..<10_000: printf("%.0f", value)
    default: scaled(value)
    }
  }

  /// Returns a loss with three decimals, so that losses align: `10.234`, `-0.007`.
  package static func loss(_ value: Double) -> String {
    abs(value) < 1000 ? printf("%.3f", value) : number(value)
  }

  /// Returns a limit as people write it, such as `0`, `0.001` or `1000`.
  package static func plain(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
  }

  /// Returns the short label of an axis tick, such as `0`, `0.25`, `1e-4` or `2k`. `step` is the
  /// distance between ticks.
  package static func tick(_ value: Double, step: Double) -> String {
    let size = max(abs(value), step)
    guard abs(value) > step * 1e-6 else { return "0" }
    if size >= 1000 { return trimmed(scaled(value, digits: 2)) }
    if size < 0.001 { return exponent(printf("%.1e", value)).replacing(".0e", with: "e") }
    let digits = min(max(Int((-log10(step)).rounded(.up)), 0), 6)
    return printf("%.\(digits)f", value)
  }

  /// Returns a count with thousands separators, such as `12,345`.
  package static func count(_ value: Int) -> String {
    let digits = String(value.magnitude)
    var grouped = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { grouped.append(",") }
      grouped.append(digit)
    }
    return (value < 0 ? "-" : "") + grouped
  }

  /// Returns a count with the noun that it counts, such as `1 image`, `2 classes` or `3 more files`.
  package static func count(_ value: Int, _ noun: String) -> String {
    guard value != 1 else { return "1 \(noun)" }
    let hissing = ["s", "sh", "ch", "x"].contains { noun.hasSuffix($0) }
    return "\(count(value)) \(noun)\(hissing ? "es" : "s")"
  }

  /// Returns a number with a decimal suffix, such as `12.3k`, `21.6M` or `1.1G`.
  package static func scaled(_ value: Double, digits: Int = 1) -> String {
    let size = abs(value)
    let (unit, suffix): (Double, String) =
      switch size {
      case ..<999.5: (1, "")
      case ..<999_950: (1e3, "k")
      case ..<999_950_000: (1e6, "M")
      case ..<999_950_000_000: (1e9, "G")
      default: (1e12, "T")
      }
    return printf("%.\(unit == 1 ? 0 : digits)f", value / unit) + suffix
  }

  /// Returns a size in bytes, KiB, MiB or GiB, such as `2.21 GiB`.
  package static func bytes(_ value: Double) -> String {
    switch abs(value) {
    case ..<1024: printf("%.0f B", value)
    case ..<1_048_576: printf("%.0f KiB", value / 1024)
    case ..<1_073_741_824: printf("%.0f MiB", value / 1_048_576)
    default: printf("%.2f GiB", value / 1_073_741_824)
    }
  }

  /// Returns a fraction as a percentage, such as `42.1 %`.
  package static func percent(_ fraction: Double) -> String {
    printf(abs(fraction) >= 0.9995 ? "%.0f %%" : "%.1f %%", fraction * 100)
  }

  /// Returns a duration, such as `42 s`, `3 min 05 s`, `4 h 12 min` or `2 d 3 h`.
  package static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e10 else { return "-" }
    let whole = Int(max(seconds, 0).rounded())
    let padded = { (part: Int) in part < 10 ? "0\(part)" : "\(part)" }
    return switch whole {
    case ..<60: "\(whole) s"
    case ..<3600: "\(whole / 60) min \(padded(whole % 60)) s"
    case ..<86_400: "\(whole / 3600) h \(padded(whole % 3600 / 60)) min"
    default: "\(whole / 86_400) d \(whole % 86_400 / 3600) h"
    }
  }

  /// Returns a short time span such as a step's, for example `3.66 s` or `412 ms`.
  package static func interval(_ seconds: Double) -> String {
    switch seconds {
    case ..<0.0995: printf("%.1f ms", seconds * 1000)
    case ..<0.9995: printf("%.0f ms", seconds * 1000)
    case ..<99.5: printf("%.2f s", seconds)
    default: duration(seconds)
    }
  }

  /// Returns the local time of day, such as `14:03:12`. `time` is in seconds since 1970.
  package static func clock(_ time: Double) -> String { local(time, "%H:%M:%S") }

  /// Returns the local date and time, such as `2026-03-01 14:03`. `time` is in seconds since 1970.
  package static func date(_ time: Double) -> String { local(time, "%Y-%m-%d %H:%M") }

  private static func local(_ time: Double, _ format: String) -> String {
    guard time.isFinite, abs(time) < 1e11 else { return "-" }
    var seconds = time_t(time)
    var parts = tm()
    localtime_r(&seconds, &parts)
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
      let length = strftime(buffer.baseAddress!, 64, format, &parts)
      return length == 0 ? "-" : String(cString: buffer.baseAddress!)
    }
  }

  /// Shortens an exponent: `1.23e-04` to `1.23e-4`.
  private static func exponent(_ text: String) -> String {
    text.replacing("e-0", with: "e-").replacing("e+0", with: "e")
  }

  /// Removes trailing zeros: `2.50k` to `2.5k`, `2.00k` to `2k`.
  private static func trimmed(_ text: String) -> String {
    guard let dot = text.firstIndex(of: "."), let last = text.last else { return text }
    var digits = text[dot...].dropLast(last.isNumber ? 0 : 1)
    while digits.last == "0" { digits.removeLast() }
    if digits.last == "." { digits.removeLast() }
    return text[..<dot] + digits + (last.isNumber ? "" : String(last))
  }
}
