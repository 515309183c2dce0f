#if canImport(Glibc)
  import Glibc
#endif

/// A lock with a condition variable, for threads that wait for a change of what it guards.
package final class Monitor: @unchecked Sendable {
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let condition: UnsafeMutablePointer<pthread_cond_t>

  /// Creates an unlocked monitor.
  package init() {
    mutex = .allocate(capacity: 1)
    condition = .allocate(capacity: 1)
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(condition, nil)
  }

  deinit {
    pthread_mutex_destroy(mutex)
    pthread_cond_destroy(condition)
    mutex.deallocate()
    condition.deallocate()
  }

  /// Runs `body` while holding the lock.
  package func locked<Result>(_ body: () throws -> Result) rethrows -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return try body()
  }

  /// Releases the lock, waits for `wakeAll()` and takes the lock again. Call it only within
  /// `locked(_:)`. It may return early, so check the condition in a loop.
  package func wait() { pthread_cond_wait(condition, mutex) }

  /// Wakes all threads in `wait()`.
  package func wakeAll() { pthread_cond_broadcast(condition) }
}
