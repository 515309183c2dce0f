import CZeroMQ
import Run
import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// A queue of items from any thread to the I/O thread, in order. Adding an item never waits for
/// that thread.
final class ServerMailbox: Sendable {
  enum Item: Sendable {
    case feed(FeedMessage)
    case reply(Reply)
    /// Messages that found no room. Their numbers are left out of the sequence.
    case missed(Int)
  }

  /// The queue length at which steps are dropped, and at which all other messages of the feed are
  /// dropped. Viewers can miss some steps. Replies to commands are never dropped.
  private static let stepLimit = 4096
  private static let feedLimit = 8192

  private struct State {
    var items: [Item] = []
    var isStopping = false
  }

  private let state = Mutex(State())

  /// Readable when there are items.
  let fileDescriptor: Int32

  init() { fileDescriptor = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC)) }

  deinit { close(fileDescriptor) }

  /// Adds a message of the feed, or counts it as missed if the queue is full.
  func leave(_ message: FeedMessage) {
    let limit = if case .step = message { Self.stepLimit } else { Self.feedLimit }
    post { items in
      if items.count < limit {
        items.append(.feed(message))
      } else if case .missed(let count) = items.last {
        items[items.count - 1] = .missed(count + 1)
      } else {
        items.append(.missed(1))
      }
    }
  }

  /// Adds a reply.
  func leave(_ reply: Reply) { post { $0.append(.reply(reply)) } }

  /// Stops accepting items. Items added before can still be taken.
  func stop() {
    state.withLock { $0.isStopping = true }
    wake()
  }

  /// Takes all items, and returns whether the mailbox was stopped, so that no more will follow.
  func take() -> (items: [Item], isStopping: Bool) {
    eventfd_read(fileDescriptor, nil)
    return state.withLock { state in
      defer { state.items = [] }
      return (state.items, state.isStopping)
    }
  }

  private func post(_ change: (inout [Item]) -> Void) {
    let wasEmpty = state.withLock { state in
      guard !state.isStopping else { return false }
      let wasEmpty = state.items.isEmpty
      change(&state.items)
      return wasEmpty
    }
    if wasEmpty { wake() }
  }

  private func wake() { eventfd_write(fileDescriptor, 1) }
}
