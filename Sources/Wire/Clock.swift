#if canImport(Glibc)
  import Glibc
#endif

enum Clock {
  /// Seconds since 1970.
  static func wall() -> Double { seconds(CLOCK_REALTIME) }

  /// Seconds that only go forwards, for waiting.
  static func monotonic() -> Double { seconds(CLOCK_MONOTONIC) }

  private static func seconds(_ clock: clockid_t) -> Double {
    var now = timespec()
    clock_gettime(clock, &now)
    return Double(now.tv_sec) + Double(now.tv_nsec) * 1e-9
  }
}
