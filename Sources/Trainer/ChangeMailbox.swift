import Run
import Support
import Synchronization

/// Where requests for changes wait for the trainer. Any thread posts; the trainer's thread alone takes.
package final class ChangeMailbox: Sendable {
  private let waiting = Mutex<[ChangeRequest]>([])
  private let semaphore = Semaphore()

  package init() {}

  /// Leaves a request; it is never lost, and the caller never waits.
  package func post(_ request: ChangeRequest) {
    waiting.withLock { $0.append(request) }
    semaphore.signal()
  }

  /// All requests that are there, in the order of posting; returns at once.
  func take() -> [ChangeRequest] {
    waiting.withLock { requests in
      defer { requests = [] }
      return requests
    }
  }

  /// Waits until a request is there.
  func wait() {
    while waiting.withLock({ $0.isEmpty }) { semaphore.wait() }
  }
}
