#if canImport(Glibc)
  import Glibc
#endif

/// Wakes a thread that sleeps until something happens.
package final class Semaphore: @unchecked Sendable {
  private let semaphore: UnsafeMutablePointer<sem_t>

  package init() {
    semaphore = .allocate(capacity: 1)
    sem_init(semaphore, 0, 0)
  }

  deinit {
    sem_destroy(semaphore)
    semaphore.deallocate()
  }

  package func signal() { sem_post(semaphore) }

  /// Returns after a ring, at once if one came before; may return early.
  package func wait() { sem_wait(semaphore) }
}
