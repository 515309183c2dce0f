import CommandKit
import History
import Run
import Support
import Trainer

#if canImport(Glibc)
  import Glibc
#endif

/// Writes what the supervisor sees into the log and the history of the run, while none of the run's processes
/// is there.
struct SupervisorLog {
  let directory: RunDirectory

  /// Records that a process was lost, and prints it. What cannot be recorded is printed at least.
  func note(_ text: String) {
    tell(text)
    guard directory.exists, let lock = lock() else { return }
    withExtendedLifetime(lock) {
      let step = (try? HistoryReader(directory: directory).record().status.step) ?? 0
      let event = RunEvent(
        time: Clock.wall(), step: step, level: .error, kind: "process",
        text: PrintableText.line(text))
      LogFile(path: directory.log).append(LogLine.text(event))
      guard let history = try? HistoryWriter(directory: directory) else { return }
      try? history.append(event)
      try? history.close()
    }
  }

  /// Takes the run's lock, which a process that is ending may have for some seconds.
  private func lock() -> RunLock? {
    let end = Clock.monotonic() + 5
    while true {
      if let lock = try? RunLock(directory: directory) { return lock }
      guard Clock.monotonic() < end else { return nil }
      usleep(100_000)
    }
  }
}
