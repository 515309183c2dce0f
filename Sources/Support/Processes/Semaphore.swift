#if canImport(Glibc)
  import Glibc
#endif

/// A counting semaphore, which wakes a thread that waits for an event.
package final class Semaphore: @unchecked Sendable {
  private let semaphore: UnsafeMutablePointer<sem_t>

  /// Creates a semaphore with the value 0.
  package init() {
    semaphore = .allocate(capacity: 1)
    sem_init(semaphore, 0, 0)
  }

  deinit {
    sem_destroy(semaphore)
    semaphore.deallocate()
  }

  /// Wakes one waiting thread, or lets the next `wait()` return at once.
  package func signal() { sem_post(semaphore) }

  /// Waits for a `signal()`, or returns at once if one is outstanding. It may return early, so
  /// check the condition in a loop.
  package func wait() { sem_wait(semaphore) }

  /// Waits as `wait()` does, but at most so many seconds. It looks every few milliseconds, since the
  /// system's own wait with a limit would follow changes of the wall clock.
  package func wait(seconds: Double) {
    let end = Clock.monotonic() + seconds
    while sem_trywait(semaphore) != 0 && Clock.monotonic() < end { usleep(20_000) }
  }
}
