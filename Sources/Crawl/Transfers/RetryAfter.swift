import CCurl

/// The field `Retry-After` (RFC 9110, 10.2.3).
enum RetryAfter {
  /// Returns the seconds to wait from a time on, which is in seconds since 1970; `nil` if the value
  /// is neither a number of seconds nor a date.
  static func seconds(_ value: String, at now: Double) -> Double? {
    if let seconds = UInt32(value) { return Double(seconds) }
    let date = curl_getdate(value, nil)
    return date < 0 ? nil : max(0, Double(date) - now)
  }
}
