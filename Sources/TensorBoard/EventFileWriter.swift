import Support

#if canImport(Glibc)
  import Glibc
#endif

/// Writes entries to an event file on a thread of its own, so that whoever reports them never waits for
/// a disk.
///
/// What cannot be written waits, up to `limit` bytes, and is tried again every second. It may be called
/// from any thread.
package final class EventFileWriter: @unchecked Sendable {
  private let folder: String
  // Guarded by the monitor.
  private let monitor = Monitor()
  private var queue: [BoardEvent] = []
  private var found: [String] = []
  private var isStopping = false
  private var thread: PosixThread?
  // Of the thread alone.
  private var file: EventFile?
  private var waiting: [UInt8] = []
  private var lost = 0
  private var isFailing = false
  private var retry = 0.0

  /// Entries that may wait for the thread, and bytes that may wait for the disk.
  private static let entries = 10_000
  private static let limit = 4 << 20

  /// Starts the thread. It creates a file in the folder with the first entries.
  package init(folder: String) throws(PosixThreadError) {
    self.folder = folder
    thread = try PosixThread(niceness: 5) { [self] in run() }
  }

  /// Hands over entries. It returns at once.
  package func write(_ events: [BoardEvent]) {
    monitor.locked {
      if queue.count < Self.entries { queue += events }
      monitor.wakeAll()
    }
  }

  /// Returns what went wrong since the last call, a line each.
  package func problems() -> [String] {
    monitor.locked {
      defer { found = [] }
      return found
    }
  }

  /// Writes what was handed over, if that is possible, and ends the thread. Further calls do nothing.
  package func stop() {
    let running = monitor.locked {
      isStopping = true
      monitor.wakeAll()
      defer { thread = nil }
      return thread
    }
    running?.join()
  }

  private func run() {
    while let events = next() {
      for event in events { keep(event.record) }
      writeIfDue()
    }
    retry = 0
    writeIfDue()
    file = nil
  }

  /// Returns what was handed over, as soon as there is something to do; `nil` when all is done.
  private func next() -> [BoardEvent]? {
    monitor.locked {
      while queue.isEmpty && !isStopping {
        guard waiting.isEmpty else {
          monitor.wait(seconds: 1)
          break
        }
        monitor.wait()
      }
      defer { queue = [] }
      return queue.isEmpty && isStopping ? nil : queue
    }
  }

  private func keep(_ record: [UInt8]) {
    if waiting.count + record.count <= Self.limit {
      waiting += record
    } else {
      lost += 1
    }
  }

  private func writeIfDue() {
    guard !waiting.isEmpty, Clock.monotonic() >= retry else { return }
    do throws(FileError) {
      let file = try opened()
      try file.append(records: waiting)
      waiting = []
      if isFailing {
        report("\(file.path) can be written again; \(Format.count(lost, "record")) lost")
      }
      (isFailing, lost) = (false, 0)
    } catch {
      retry = Clock.monotonic() + 1
      if !isFailing { report("\(error); training goes on, and it is tried again") }
      isFailing = true
    }
  }

  private func opened() throws(FileError) -> EventFile {
    if let file { return file }
    let opened = try EventFile(folder: folder, time: Clock.wall())
    file = opened
    return opened
  }

  private func report(_ problem: String) { monitor.locked { found.append(problem) } }
}
