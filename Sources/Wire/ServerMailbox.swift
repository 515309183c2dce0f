import CZeroMQ
import Run
import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// What any thread leaves for the I/O thread, in order. Leaving something never waits for it.
final class ServerMailbox: Sendable {
  enum Item: Sendable {
    case feed(FeedMessage)
    case reply(Reply)
    /// So many messages found no room: numbers are left out of the sequence for them.
    case missed(Int)
  }

  /// Items that may wait: steps, of which viewers can miss some, and all the rest. Answers to
  /// commands are never turned away.
  private static let stepLimit = 4096
  private static let feedLimit = 8192

  private struct State {
    var items: [Item] = []
    var isStopping = false
  }

  private let state = Mutex(State())

  /// Becomes readable when something was left.
  let fileDescriptor: Int32

  init() { fileDescriptor = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC)) }

  deinit { close(fileDescriptor) }

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

  func leave(_ reply: Reply) { post { $0.append(.reply(reply)) } }

  /// No more is taken; what was left before still is.
  func stop() {
    state.withLock { $0.isStopping = true }
    wake()
  }

  /// All that was left, and whether it is the last.
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
