import History
import Run
import Support

#if canImport(Glibc)
  import Glibc
#endif

/// Records what happens in a run: in its database, in its log, and with the observer.
///
/// Training continues if the database cannot be written. A warning is logged once, and the records
/// are lost.
final class RunRecorder {
  weak var observer: (any RunObserver)?
  private let history: HistoryWriter
  private let log: UnsafeMutablePointer<FILE>?
  private var historyFailed = false

  init(history: HistoryWriter, logPath: String) {
    self.history = history
    let file = FileSystem.open(logPath, O_WRONLY | O_CREAT | O_APPEND)
    log = file < 0 ? nil : fdopen(file, "a")
  }

  deinit { if let log { fclose(log) } }

  func record(_ sample: Sample) {
    observer?.stepped(sample)
    persist { () throws(HistoryError) in try history.append(sample) }
  }

  func record(_ status: RunStatus) {
    observer?.changed(status)
    persist { () throws(HistoryError) in try history.set(status) }
  }

  func record(_ event: RunEvent) {
    observer?.happened(event)
    write(event)
    persist { () throws(HistoryError) in try history.append(event) }
  }

  func record(_ evaluation: ProbeResult) {
    observer?.evaluated(evaluation)
    persist { () throws(HistoryError) in try history.append(evaluation) }
  }

  /// Records a journal entry. The entry is on the disk when this returns, because a resumed run
  /// computes by it. Returns false if it could not be written.
  @discardableResult
  func record(_ entry: JournalEntry) -> Bool {
    observer?.journaled(entry)
    return persist { () throws(HistoryError) in
      try history.append(entry)
      try history.flush()
    }
  }

  func record(_ curves: [PlannedCurve]) {
    observer?.planned(curves)
    persist { () throws(HistoryError) in try history.set(curves) }
  }

  /// Removes from the database what came after the checkpoint of a step. The observer learns of it
  /// from the journal entry.
  func rewind(to step: Int, journal: Journal) {
    persist { () throws(HistoryError) in try history.rewind(to: step, journal: journal) }
  }

  /// Tells the observer that a phase has begun.
  func record(_ phase: PhaseStatus) { observer?.entered(phase) }

  /// Makes sure that what was recorded survives a power failure.
  func flush() { persist { () throws(HistoryError) in try history.flush() } }

  func close() { persist { () throws(HistoryError) in try history.close() } }

  @discardableResult
  private func persist(_ body: () throws(HistoryError) -> Void) -> Bool {
    do {
      try body()
      historyFailed = false
      return true
    } catch {
      guard !historyFailed else { return false }
      historyFailed = true
      let event = RunEvent(
        time: Clock.wall(), step: 0, level: .warning, kind: "history",
        text: "\(error.description); training continues, metrics are not recorded")
      observer?.happened(event)
      write(event)
      return false
    }
  }

  private func write(_ event: RunEvent) {
    guard let log else { return }
    fputs("\(LogLine.text(event))\n", log)
    fflush(log)
  }
}

/// Formats events as lines of text.
package enum LogLine {
  /// Returns a number with four significant digits.
  static func number(_ value: Double) -> String { Format.significant(value, 4) }

  /// Returns a line such as `2026-03-01 12:00:00  step 120  warning  image  …`.
  package static func text(_ event: RunEvent) -> String {
    var seconds = time_t(event.time)
    var local = tm()
    localtime_r(&seconds, &local)
    var buffer = [CChar](repeating: 0, count: 32)
    strftime(&buffer, buffer.count, "%Y-%m-%d %H:%M:%S", &local)
    let stamp = buffer.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    let level = event.level == .info ? "" : "\(event.level.rawValue)  "
    return "\(stamp)  step \(event.step)  \(level)\(event.kind)  \(event.text)"
  }
}
