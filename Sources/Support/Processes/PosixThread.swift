#if canImport(Glibc)
  import Glibc
#endif

/// A thread of the system's that runs one body and ends.
///
/// It takes no signals: those are for the thread that the program has for them.
package struct PosixThread: @unchecked Sendable {
  private let handle: pthread_t

  /// Starts a thread. Throws the system's reason where there is none to be had.
  ///
  /// - Parameters:
  ///   - niceness: how far it steps back behind other threads, from 0 to 19.
  ///   - body: what it does; it keeps what it captures alive until it ends.
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
        // On Linux a thread has a niceness of its own.
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

  /// Waits until it has ended; to be called once at the most.
  package func join() { pthread_join(handle, nil) }

  /// Lets it end by itself, when nobody will join it.
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

/// The system had no thread to give.
package struct PosixThreadError: Error, Equatable, CustomStringConvertible {
  package let reason: String
  package var description: String { "no thread could be started: \(reason)" }
}
