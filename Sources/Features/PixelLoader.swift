import Crops
import Support

#if canImport(Glibc)
  import Glibc
#endif

/// Reads images ahead on threads of its own, so that decoding and computing overlap.
///
/// Images come in their order; one that cannot be read is passed over and told of. Memory is that
/// of the slots, however many images there are. One thread calls `next`.
package final class PixelLoader: @unchecked Sendable {
  /// An image that could not be used.
  package struct Problem: Sendable, Equatable {
    package let index: Int
    package let reason: String
  }

  private enum State { case empty, ready, failed(String) }

  private let source: any PixelSource
  private let slots: Int
  private let each: Int
  private let pixels: UnsafeMutableBufferPointer<Float>

  /// All below is guarded by `monitor`. Image i lies in slot i mod `slots`.
  private let monitor = Monitor()
  private var states: [State]
  /// The next image to be read, and the one that the caller holds or waits for.
  private var unread = 0
  private var current = -1
  private var isStopped = false
  private var threads: [pthread_t] = []
  private var found: [Problem] = []

  /// - Parameter ahead: how many images may be in memory.
  package init(_ source: any PixelSource, ahead: Int, threads count: Int) {
    self.source = source
    slots = max(2, min(ahead, source.count + 1))
    each = 3 * source.size.width * source.size.height
    pixels = .allocate(capacity: slots * each)
    states = Array(repeating: .empty, count: slots)
    threads = (0..<max(1, min(count, source.count))).map { _ in startThread() }
  }

  deinit { pixels.deallocate() }

  /// Images that were passed over so far.
  package var problems: [Problem] { monitor.locked { found } }

  /// The next image that can be read, its pixels lent until the next call; nil after the last.
  package func next() -> (index: Int, pixels: UnsafeBufferPointer<Float>)? {
    monitor.locked {
      while true {
        if current >= 0 { states[current % slots] = .empty }
        current += 1
        monitor.wakeAll()
        guard current < source.count else { return nil }
        while case .empty = states[current % slots] { monitor.wait() }
        if case .failed(let reason) = states[current % slots] {
          found.append(Problem(index: current, reason: reason))
          continue
        }
        return (current, UnsafeBufferPointer(room(current)))
      }
    }
  }

  /// Ends the threads; must be called once.
  package func stop() {
    monitor.locked {
      isStopped = true
      monitor.wakeAll()
    }
    for thread in threads { pthread_join(thread, nil) }
    threads = []
  }

  private func room(_ index: Int) -> UnsafeMutableBufferPointer<Float> {
    let start = index % slots * each
    return .init(rebasing: pixels[start..<start + each])
  }

  private func work() {
    while let index = take() {
      var state = State.ready
      do {
        try source.read(index, into: room(index))
      } catch {
        state = .failed("\(error)")
      }
      monitor.locked {
        states[index % slots] = state
        monitor.wakeAll()
      }
    }
  }

  /// An image that nobody reads yet, once its slot is free; nil when all is over.
  private func take() -> Int? {
    monitor.locked {
      while !isStopped && unread < source.count {
        if unread < max(0, current) + slots {
          unread += 1
          return unread - 1
        }
        monitor.wait()
      }
      return nil
    }
  }

  private func startThread() -> pthread_t {
    var thread = pthread_t()
    let code = pthread_create(
      &thread, nil,
      { raw in
        Unmanaged<PixelLoader>.fromOpaque(raw!).takeRetainedValue().work()
        return nil
      }, Unmanaged.passRetained(self).toOpaque())
    precondition(code == 0, "no thread could be started")
    return thread
  }
}
