import Run
import Support
import Synchronization

/// A queue of change requests for the trainer. Any thread may post; only the trainer's thread
/// takes.
package final class ChangeMailbox: Sendable {
  private let waiting = Mutex<[ChangeRequest]>([])
  private let semaphore = Semaphore()

  package init() {}

  /// Adds a request. Never blocks, and no request is lost.
  package func post(_ request: ChangeRequest) {
    waiting.withLock { $0.append(request) }
    semaphore.signal()
  }

  /// Removes and returns all requests, in the order in which they were posted. Returns at once.
  func take() -> [ChangeRequest] {
    waiting.withLock { requests in
      defer { requests = [] }
      return requests
    }
  }

  /// Blocks until there is a request, or for so many seconds unless that is `nil`.
  func wait(seconds: Double? = nil) {
    guard waiting.withLock({ $0.isEmpty }) else { return }
    if let seconds { return semaphore.wait(seconds: seconds) }
    while waiting.withLock({ $0.isEmpty }) { semaphore.wait() }
  }
}
