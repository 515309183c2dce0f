#if canImport(Glibc)
  import Glibc
#endif

/// Wakes a thread that sleeps until something happens.
final class Bell: @unchecked Sendable {
  private let semaphore: UnsafeMutablePointer<sem_t>

  init() {
    semaphore = .allocate(capacity: 1)
    sem_init(semaphore, 0, 0)
  }

  deinit {
    sem_destroy(semaphore)
    semaphore.deallocate()
  }

  func ring() { sem_post(semaphore) }

  /// Returns after a ring, at once if one came before; may return early.
  func wait() { sem_wait(semaphore) }
}
