import Foundation
import Support
import Tensor

/// The processes of a run as threads of a test, whose link copies memory.
package final class ThreadProcesses: @unchecked Sendable {
  private let condition = NSCondition()
  private let count: Int
  private var given: [UnsafeRawBufferPointer?]
  private var arrived = 0
  private var round = 0

  package init(_ count: Int) {
    self.count = count
    given = Array(repeating: nil, count: count)
  }

  /// Runs each process's work on a thread of its own; gives what they return, in their order.
  package func run<Result: Sendable>(
    _ work: @escaping @Sendable (any Collectives) -> Result
  ) -> [Result] {
    let results = Results<Result>(count)
    let done = DispatchSemaphore(value: 0)
    for number in 0..<count {
      let thread = Thread { [self] in
        let link = ThreadLink(ProcessPlace(number: number, of: count), self)
        results.set(work(LinkedCollectives(link)), number)
        done.signal()
      }
      thread.stackSize = 8 << 20
      thread.start()
    }
    for _ in 0..<count { done.wait() }
    return results.all
  }

  /// Waits until all have come.
  private func meet() {
    condition.lock()
    defer { condition.unlock() }
    arrived += 1
    let mine = round
    if arrived == count {
      (arrived, round) = (0, round + 1)
      condition.broadcast()
    }
    while round == mine { condition.wait() }
  }

  /// Calls `body` with what each process gave, while none of them goes on.
  fileprivate func share(
    _ own: UnsafeRawBufferPointer, of number: Int, _ body: ([UnsafeRawBufferPointer]) -> Void
  ) {
    condition.withLock { given[number] = own }
    meet()
    body(condition.withLock { given.map { $0! } })
    meet()
  }

  private final class Results<Value: Sendable>: @unchecked Sendable {
    private let lock = NSLock()
    private var values: [Value?]

    init(_ count: Int) { values = Array(repeating: nil, count: count) }

    func set(_ value: Value, _ number: Int) { lock.withLock { values[number] = value } }
    var all: [Value] { lock.withLock { values.map { $0! } } }
  }
}

/// One process's end of the link.
private final class ThreadLink: ProcessLink {
  let place: ProcessPlace
  /// What a link over a network would send.
  private(set) var traffic = LinkTraffic()
  private let processes: ThreadProcesses
  private var calls = 0

  init(_ place: ProcessPlace, _ processes: ThreadProcesses) {
    (self.place, self.processes) = (place, processes)
  }

  func exchange(
    _ values: UnsafeRawBufferPointer, _ parts: LinkParts, code: LinkCode?,
    done: @escaping (UnsafeMutableRawPointer) -> Void
  ) -> LinkTicket {
    let part = code?.count(parts.count) ?? parts.count
    for peer in 0..<place.count where peer != place.number {
      count(parts.range(peer, of: values.count).count, code)
    }
    let received = UnsafeMutableRawBufferPointer.allocate(
      byteCount: max(1, place.count * part), alignment: 64)
    defer { received.deallocate() }
    processes.share(values, of: place.number) { all in
      precondition(all.allSatisfy { $0.count == values.count }, "sizes differ")
      for (number, other) in all.enumerated() {
        let theirs = UnsafeRawBufferPointer(
          rebasing: other[parts.range(place.number, of: other.count)])
        guard !theirs.isEmpty else { continue }
        let target = received.baseAddress! + number * part
        if let code {
          code.encode(theirs, target)
        } else {
          target.copyMemory(from: theirs.baseAddress!, byteCount: theirs.count)
        }
      }
    }
    done(received.baseAddress!)
    return ticket()
  }

  func gather(
    _ values: UnsafeMutableRawBufferPointer, _ parts: LinkParts, code: LinkCode?,
    after earlier: Int
  ) -> LinkTicket {
    precondition(earlier <= calls)
    let sent = parts.range(place.number, of: values.count).count
    for _ in 1..<place.count { count(sent, code) }
    if let code {
      // What is sent is rounded first, so that all have the same.
      let own = UnsafeMutableRawBufferPointer(
        rebasing: values[parts.range(place.number, of: values.count)])
      withUnsafeTemporaryAllocation(byteCount: max(1, own.count), alignment: 64) { encoded in
        guard !own.isEmpty else { return }
        code.encode(UnsafeRawBufferPointer(own), encoded.baseAddress!)
        code.decode(encoded.baseAddress!, own)
      }
    }
    processes.share(UnsafeRawBufferPointer(values), of: place.number) { all in
      precondition(all.allSatisfy { $0.count == values.count }, "sizes differ")
      for (number, other) in all.enumerated() where number != place.number {
        let range = parts.range(number, of: other.count)
        guard !range.isEmpty else { continue }
        UnsafeMutableRawBufferPointer(rebasing: values[range]).copyMemory(
          from: UnsafeRawBufferPointer(rebasing: other[range]))
      }
    }
    return ticket()
  }

  private var transfers: [LinkTransfer]?

  func recordTransfers(_ isOn: Bool) -> [LinkTransfer] {
    defer { transfers = isOn ? [] : nil }
    return transfers ?? []
  }

  func wait(_ ticket: LinkTicket) { precondition(ticket.number <= calls) }

  private func count(_ bytes: Int, _ code: LinkCode?) {
    traffic.bytesSent += code?.count(bytes) ?? bytes
  }

  private func ticket() -> LinkTicket {
    calls += 1
    traffic.calls = calls
    let now = Clock.monotonic()
    transfers?.append(LinkTransfer(number: calls, began: now, ended: now, bytes: 0))
    return LinkTicket(number: calls)
  }
}
