import Support
import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// Delivers notices on a thread of its own, and tries again what fails. No caller waits for a server.
package final class Courier: Sendable {
  private struct State {
    var due: [(item: Outbox.Item, at: Double)] = []
    /// The files of what was tried by this process.
    var tried: Set<String> = []
    var isBusy = false
    var isStopping = false
    var findings: [String] = []
  }

  private let state: Mutex<State>
  private let outbox: Outbox
  private let destinations: [Destination]
  private let thread: Mutex<PosixThread?> = Mutex(nil)
  private let news = Semaphore()

  /// Seconds before the second attempt, the third and so on. The last holds for all further ones.
  private static let pauses = [5.0, 30, 120, 600, 3600]

  /// Begins with what an earlier process left in the outbox.
  package init(_ outbox: Outbox, _ destinations: [Destination]) throws {
    self.outbox = outbox
    self.destinations = destinations
    let left = (try? outbox.waiting()) ?? []
    state = Mutex(State(due: left.map { ($0, 0) }))
    let running = try PosixThread(niceness: 10) { [weak self] in
      while self?.turn() == true {}
    }
    thread.withLock { $0 = running }
    news.signal()
  }

  /// Adds a notice for destinations. It is on the disk when this returns, if the disk has room; it is
  /// delivered either way.
  package func send(_ notice: Notice, to names: [String]) {
    var items = names.map { Outbox.Item(notice: notice, destination: $0) }
    do throws(FileError) {
      items = try outbox.add(notice, for: names)
    } catch {
      find("the notice is not kept: \(error)")
    }
    state.withLock { state in state.due += items.map { ($0, 0) } }
    news.signal()
  }

  /// Returns what went wrong since the last call, for the run's log.
  package func findings() -> [String] {
    state.withLock { state in
      defer { state.findings = [] }
      return state.findings
    }
  }

  /// Tries what this process has not tried yet, at most for so many seconds, and ends the thread. What is
  /// not delivered stays in the outbox. Returns the number of notices that do.
  @discardableResult
  package func close(patience: Double = 30) -> Int {
    let deadline = Clock.monotonic() + patience
    while Clock.monotonic() < deadline {
      let isWorking = state.withLock { state in
        state.isBusy || state.due.contains { !state.tried.contains($0.item.file) }
      }
      guard isWorking else { break }
      usleep(20_000)
    }
    let left = state.withLock { state in
      state.isStopping = true
      return state.due.count + (state.isBusy ? 1 : 0)
    }
    news.signal()
    thread.withLock { thread in
      // A delivery that still waits for its server is not waited for.
      if state.withLock({ $0.isBusy }) { thread?.detach() } else { thread?.join() }
      thread = nil
    }
    return left
  }

  /// Delivers the next item that is due, or waits for one. Returns `false` once it is to end.
  private func turn() -> Bool {
    let now = Clock.monotonic()
    let next = state.withLock { state -> Outbox.Item? in
      guard !state.isStopping, let index = state.due.firstIndex(where: { $0.at <= now }) else {
        return nil
      }
      state.isBusy = true
      return state.due.remove(at: index).item
    }
    guard var item = next else {
      if state.withLock({ $0.isStopping }) { return false }
      news.wait(seconds: 1)
      return true
    }
    let isOver = deliver(&item)
    state.withLock { state in
      state.tried.insert(item.file)
      if !isOver {
        let pause = Self.pauses[min(item.attempts, Self.pauses.count) - 1]
        state.due.append((item, Clock.monotonic() + pause))
      }
      state.isBusy = false
    }
    return true
  }

  /// Tries to deliver an item. Returns whether it need not be tried again.
  private func deliver(_ item: inout Outbox.Item) -> Bool {
    let name = item.destination
    guard let destination = destinations.first(where: { $0.name == name }) else {
      find("\(name): it is not in \(Destination.file) any more, so a notice waits for it")
      item.attempts += 1
      return false
    }
    // If it cannot be counted, the disk is full. That is no reason to tell nobody.
    do { try outbox.begin(&item) } catch {}
    switch destination.deliver(item, in: outbox) {
    case .delivered:
      try? outbox.finish(item)
      if item.attempts > 1 {
        find("\(name): delivered at attempt \(item.attempts): \(item.notice.event.rawValue)")
      }
      return true
    case .refused(let reason):
      find("\(name): \(reason); the notice is not sent again: \(item.notice.event.rawValue)")
      try? outbox.setAside(item)
      return true
    case .failed(let reason):
      if item.attempts == 1 { find("\(name): \(reason); it is tried again") }
      return false
    }
  }

  private func find(_ text: String) {
    state.withLock { state in
      if state.findings.count < 20 { state.findings.append(text) }
    }
  }
}
