import History
import Run
import Support

#if canImport(Glibc)
  import Glibc
#endif

/// Records what happens in a run: in its database, in its log, and with the observer.
///
/// Changes are on the disk when `commit` returns. Training continues if other records cannot be
/// written: a warning is logged once, and what finds no place in memory is lost.
final class RunRecorder {
  weak var observer: (any RunObserver)?
  private let history: HistoryWriter
  private let directory: RunDirectory
  private let lock: RunLock?
  private let log: LogFile
  private var historyFailed = false
  /// The number of lost records that was reported.
  private var droppedRows = 0
  private var step = 0

  init(history: HistoryWriter, directory: RunDirectory, lock: RunLock?) {
    self.history = history
    self.directory = directory
    self.lock = lock
    log = LogFile(path: directory.log)
  }

  func record(_ sample: Sample) {
    step = sample.step
    observer?.stepped(sample)
    persist { () throws(HistoryError) in try history.append(sample) }
    recordFindings()
  }

  func record(_ status: RunStatus) {
    observer?.changed(status)
    persist { () throws(HistoryError) in try history.set(status) }
    recordFindings()
  }

  private func recordFindings() {
    for finding in observer?.findings() ?? [] {
      record(
        RunEvent(
          time: Clock.wall(), step: step, level: finding.level, kind: finding.kind,
          text: PrintableText.line(finding.text)))
    }
  }

  func record(_ event: RunEvent) {
    observer?.happened(event)
    log.append(LogLine.text(event))
    persist { () throws(HistoryError) in try history.append(event) }
  }

  func record(_ result: ProbeResult, neighbours: [UInt8]? = nil) {
    observer?.evaluated(result)
    persist { () throws(HistoryError) in try history.append(result, neighbours: neighbours) }
  }

  /// Records pictures of the probe's images, which have a fingerprint.
  func record(_ pictures: [ProbePicture], data: String?) {
    observer?.pictured(pictures)
    persist { () throws(HistoryError) in try history.append(pictures, data: data) }
  }

  /// Whether pictures of a kind were recorded of images with a fingerprint.
  func hasPictures(_ kind: ProbePicture.Kind, data: String?) -> Bool {
    (try? history.hasPictures(kind, data: data)) ?? false
  }

  /// Returns the components that the last probe before a step has pictured.
  func lastPictures(before step: Int) -> [ProbePicture] {
    (try? history.lastPictures(before: step)) ?? []
  }

  /// Returns the neighbours that the last probe of a name recorded; see `HistoryWriter`.
  func neighbours(of name: String, before step: Int, data: String?) -> [UInt8]? {
    (try? history.neighbours(of: name, before: step, data: data)) ?? nil
  }

  /// Adds entries to the journal on the disk, all of them or none, then tells the observer. A resumed run
  /// computes by the journal, so nothing may be done for entries for which this throws.
  func commit(_ entries: JournalEntry...) throws(HistoryError) { try commit(entries) }

  func commit(_ entries: [JournalEntry]) throws(HistoryError) {
    if let lock, !lock.isInPlace {
      throw .failed(path: directory.path, detail: "was removed, moved or replaced; put it back")
    }
    try history.commit(entries)
    for entry in entries { observer?.journaled(entry) }
    recordFindings()
  }

  /// Records that the checkpoint of a step is on the disk.
  func record(checkpoint step: Int) {
    persist { () throws(HistoryError) in try history.append(checkpoint: step) }
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

  /// Makes sure that what was recorded survives a power failure. If another program holds the
  /// database, the records wait until it lets go.
  func flush() {
    persist { () throws(HistoryError) in
      do throws(HistoryError) { try history.flush() } catch .busy {}
    }
  }

  func close() { persist { () throws(HistoryError) in try history.close() } }

  private func persist(_ body: () throws(HistoryError) -> Void) {
    do {
      try body()
      historyFailed = false
    } catch {
      guard !historyFailed else { return }
      historyFailed = true
      warn("\(error); training continues, and what is not recorded yet waits in memory")
    }
    guard history.dropped > droppedRows else { return }
    droppedRows = history.dropped
    warn("\(droppedRows) records waited in vain and are lost")
  }

  /// Reports a problem of the database in the log alone.
  private func warn(_ text: String) {
    let event = RunEvent(
      time: Clock.wall(), step: step, level: .warning, kind: "history", text: text)
    observer?.happened(event)
    log.append(LogLine.text(event))
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
