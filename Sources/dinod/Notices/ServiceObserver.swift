import Run
import Support
import Synchronization
import Trainer

#if canImport(Glibc)
  import Glibc
#endif

/// Keeps systemd informed of a run, if systemd started it: what it does, that it is alive, and that it
/// needs more time to begin or to end.
///
/// A thread of its own says that the run is alive, as long as steps end or the run is paused. So one
/// that hangs is restarted (`WatchdogSec=`), and one that reads a large data set or writes a large
/// checkpoint is not.
final class ServiceObserver: RunObserver, Sendable {
  private struct State {
    var stage = Stage.beginning
    var lastSign = Clock.monotonic()
    var longest = 0.0
    /// The steps since the run or a phase began.
    var steps = 0
    var told = 0.0
  }

  private enum Stage { case beginning, running, paused, ending }

  private let state = Mutex(State())

  /// Seconds between two messages of the thread, and the time that each asks for.
  private static let interval = 10.0
  private static let extent = 60.0
  /// Seconds without a step after which a run hangs, and how many times its longest step.
  private static let patience = 3600.0
  private static let factor = 20.0
  /// Seconds between two lines of status.
  private static let statusInterval = 5.0

  /// Begins to tell; `nil` if systemd did not start this program.
  init?() throws {
    guard SystemNotify.isWanted else { return nil }
    let watchdog = SystemNotify.watchdogInterval
    let pause = min(Self.interval, watchdog.map { $0 / 3 } ?? Self.interval)
    let thread = try PosixThread { [self] in
      while true {
        if let message = sign { SystemNotify.send(message) }
        usleep(UInt32(pause * 1e6))
      }
    }
    thread.detach()
  }

  /// What the thread says now; `nil` if the run seems to hang.
  private var sign: String? {
    state.withLock { state in
      // A request to end is carried out after the step, or after a probe.
      switch Signals.isPending ? .ending : state.stage {
      case .beginning, .ending:
        return "EXTEND_TIMEOUT_USEC=\(Int(Self.extent * 1e6))\nWATCHDOG=1"
      case .paused: return "WATCHDOG=1"
      // Before the first step there are baselines to measure, which may take long.
      case .running where state.steps == 0: return "WATCHDOG=1"
      case .running:
        let silence = Clock.monotonic() - state.lastSign
        return silence < max(Self.patience, Self.factor * state.longest) ? "WATCHDOG=1" : nil
      }
    }
  }

  func stepped(_ sample: Sample) {
    let now = Clock.monotonic()
    let isDue = state.withLock { state in
      state.steps += 1
      if state.stage == .running, state.steps > 1 {
        state.longest = max(state.longest, now - state.lastSign)
      }
      state.lastSign = now
      guard now - state.told >= Self.statusInterval else { return false }
      state.told = now
      return true
    }
    guard isDue else { return }
    let loss = sample[.totalLoss].map { ", loss \(Format.number($0))" } ?? ""
    SystemNotify.send("STATUS=step \(Format.count(sample.step))\(loss)")
  }

  func changed(_ status: RunStatus) {
    let stage: Stage =
      switch status.state {
      case .running: .running
      case .paused: .paused
      case .stopping, .stopped, .finished, .failed: .ending
      default: .beginning
      }
    let isNew = state.withLock { state in
      defer { state.stage = stage }
      state.lastSign = Clock.monotonic()
      return state.stage != stage
    }
    guard isNew else { return }
    let reason = status.message.map { ": \($0)" } ?? ""
    SystemNotify.send("STATUS=\(status.name) is \(status.state.rawValue)\(reason)")
  }

  func entered(_ phase: PhaseStatus) { state.withLock { $0.steps = 0 } }

  func happened(_ event: RunEvent) {
    state.withLock { $0.lastSign = Clock.monotonic() }
  }

  func evaluated(_ evaluation: ProbeResult) {
    state.withLock { $0.lastSign = Clock.monotonic() }
  }
}
