import Synchronization

/// A value that a thread of its own computes, so that whoever shows it never waits for it.
package final class Background<Value: Sendable>: Sendable {
  private struct State {
    var isBusy = false
    var fresh: Value?
  }

  private let state = Mutex(State())
  private let compute: @Sendable () -> Value

  package init(_ compute: @escaping @Sendable () -> Value) { self.compute = compute }

  /// Begins to compute the value anew, unless that is under way.
  package func refresh() {
    let isFree = state.withLock { state in
      defer { state.isBusy = true }
      return !state.isBusy
    }
    guard isFree else { return }
    // It keeps this object alive until it has ended.
    let thread = try? PosixThread {
      let value = self.compute()
      self.state.withLock { $0 = State(isBusy: false, fresh: value) }
    }
    thread?.detach()
    if thread == nil { state.withLock { $0.isBusy = false } }
  }

  /// Whether the value is being computed.
  package var isBusy: Bool { state.withLock { $0.isBusy } }

  /// Returns a value that was computed since the last call; `nil` if there is none.
  package func take() -> Value? {
    state.withLock { state in
      defer { state.fresh = nil }
      return state.fresh
    }
  }
}
