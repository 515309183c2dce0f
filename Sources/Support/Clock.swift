#if canImport(Glibc)
  import Glibc
#endif

/// The time: one reading of it for all that measures, waits or writes down when something was.
/// Any thread may call.
package enum Clock {
  /// Seconds since 1970.
  package static func wall() -> Double { seconds(CLOCK_REALTIME) }

  /// Seconds that only go forwards, for waiting.
  package static func monotonic() -> Double { seconds(CLOCK_MONOTONIC) }

  private static func seconds(_ clock: clockid_t) -> Double {
    var now = timespec()
    clock_gettime(clock, &now)
    return Double(now.tv_sec) + Double(now.tv_nsec) * 1e-9
  }
}
