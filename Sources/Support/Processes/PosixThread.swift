#if canImport(Glibc)
  import Glibc
#endif

/// A system thread that runs one closure and ends.
///
/// It blocks all signals, which are left to the program's own signal thread. Call either `join()`
/// or `detach()` once.
package struct PosixThread: @unchecked Sendable {
  private let handle: pthread_t

  /// Starts a thread. Throws the system's reason if it cannot create one.
  ///
  /// - Parameters:
  ///   - niceness: The thread's niceness, from 0 to 19. A higher one gives way to other threads.
  ///   - body: The work of the thread. Whatever it captures is kept alive until it ends.
  package init(
    niceness: Int32 = 0, _ body: @escaping @Sendable () -> Void
  ) throws(PosixThreadError) {
    var all = sigset_t()
    var before = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_BLOCK, &all, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    let work = Unmanaged.passRetained(Work(niceness: niceness, body: body))
    var handle = pthread_t()
    let code = pthread_create(
      &handle, nil,
      { raw in
        let work = Unmanaged<Work>.fromOpaque(raw!).takeRetainedValue()
        // On Linux each thread has its own niceness.
        if work.niceness > 0 { _ = nice(work.niceness) }
        work.body()
        return nil
      }, work.toOpaque())
    guard code == 0 else {
      work.release()
      throw PosixThreadError(reason: SystemReason.of(code))
    }
    self.handle = handle
  }

  /// Waits until the thread has ended.
  package func join() { pthread_join(handle, nil) }

  /// Releases the thread, so that its resources are freed when it ends.
  package func detach() { pthread_detach(handle) }

  private final class Work {
    let niceness: Int32
    let body: @Sendable () -> Void

    init(niceness: Int32, body: @escaping @Sendable () -> Void) {
      self.niceness = niceness
      self.body = body
    }
  }
}

/// The error when the system cannot create a thread.
package struct PosixThreadError: Error, Equatable, CustomStringConvertible {
  package let reason: String
  package var description: String { "no thread could be started: \(reason)" }
}
