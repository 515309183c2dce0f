#if canImport(Glibc)
  import Glibc
#endif

/// The clocks that all parts use to measure, wait and record times. Any thread may call.
package enum Clock {
  /// Returns the time in seconds since 1970.
  package static func wall() -> Double { seconds(CLOCK_REALTIME) }

  /// Returns seconds on a clock that never goes backwards, for measuring and waiting.
  package static func monotonic() -> Double { seconds(CLOCK_MONOTONIC) }

  /// Returns the seconds that the calling thread has computed.
  package static func thread() -> Double { seconds(CLOCK_THREAD_CPUTIME_ID) }

  private static func seconds(_ clock: clockid_t) -> Double {
    var now = timespec()
    clock_gettime(clock, &now)
    return Double(now.tv_sec) + Double(now.tv_nsec) * 1e-9
  }
}
