import Crops
import Support

/// Reads images ahead on its own threads, so that decoding overlaps with computing.
///
/// `next` returns the images in order and skips those that cannot be read, which are then listed
/// in `problems`. The number of slots bounds the memory. One thread calls `next` and `stop`.
package final class PixelLoader: @unchecked Sendable {
  /// An image that cannot be read.
  package struct Problem: Sendable, Equatable {
    package let index: Int
    package let reason: String
    /// Whether the system could not read the file, which may pass.
    package var isOutage = false
  }

  private enum State { case empty, ready, failed(Problem) }

  private let source: any PixelSource
  private let patience = OutagePatience()
  private let slots: Int
  /// The number of values of an image.
  private let each: Int
  private let pixels: UnsafeMutableBufferPointer<Float>

  /// Guards everything below. Image i lies in slot i mod `slots`.
  private let monitor = Monitor()
  private var states: [State]
  /// The next image that a thread will read, and the image that the caller holds or waits for.
  private var unread = 0
  private var current = -1
  private var isStopped = false
  private var threads: [PosixThread] = []
  private var found: [Problem] = []

  /// Starts the threads; `stop` must be called once.
  ///
  /// - Parameter ahead: the most images in memory, at least two.
  package init(_ source: any PixelSource, ahead: Int, threads count: Int) {
    self.source = source
    slots = Self.slots(ahead: ahead, count: source.count)
    each = source.elements
    pixels = .allocate(capacity: slots * each)
    states = Array(repeating: .empty, count: slots)
    threads = (0..<max(1, min(count, source.count))).map { _ in startThread() }
  }

  deinit { pixels.deallocate() }

  /// Returns the most images in memory if there are `count` in all.
  package static func slots(ahead: Int, count: Int) -> Int { max(2, min(ahead, count + 1)) }

  /// The images that were skipped so far.
  package var problems: [Problem] { monitor.locked { found } }

  /// Returns the next image that can be read; `nil` after the last. The pixels are valid until the
  /// next call.
  package func next() -> (index: Int, pixels: UnsafeBufferPointer<Float>)? {
    monitor.locked {
      while true {
        if current >= 0 { states[current % slots] = .empty }
        current += 1
        monitor.wakeAll()
        guard current < source.count else { return nil }
        while case .empty = states[current % slots] { monitor.wait() }
        if case .failed(let problem) = states[current % slots] {
          found.append(problem)
          continue
        }
        return (current, UnsafeBufferPointer(slot(current)))
      }
    }
  }

  /// Ends the threads.
  package func stop() {
    monitor.locked {
      isStopped = true
      monitor.wakeAll()
    }
    for thread in threads { thread.join() }
    threads = []
  }

  private func slot(_ index: Int) -> UnsafeMutableBufferPointer<Float> {
    let start = index % slots * each
    return .init(rebasing: pixels[start..<start + each])
  }

  private func work() {
    while let index = take() {
      var state = State.ready
      do {
        try patience.reading { try source.read(index, into: slot(index)) }
      } catch {
        let isOutage = DataOutage.isOutage(error)
        state = .failed(Problem(index: index, reason: "\(error)", isOutage: isOutage))
      }
      monitor.locked {
        states[index % slots] = state
        monitor.wakeAll()
      }
    }
  }

  /// Returns the next image to read, once its slot is free; `nil` if there are no more or `stop`
  /// was called.
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

  private func startThread() -> PosixThread {
    do {
      return try PosixThread { [self] in work() }
    } catch {
      preconditionFailure("\(error)")
    }
  }
}
