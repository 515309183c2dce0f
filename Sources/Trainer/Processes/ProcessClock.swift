import Engine
import Support
import Tensor

/// Measures how a process spends its steps.
struct ProcessClock {
  /// The last step that was computed.
  private(set) var last: ProcessStep?
  /// The seconds that the present step has waited for crops: its own, and those of other processes.
  private var data = 0.0
  /// How many of them are counted as waiting in the traffic, too.
  private var waited = 0.0
  private var traffic = LinkTraffic()

  /// A step begins.
  mutating func begin(_ collectives: any Collectives) {
    (data, waited) = (0, 0)
    traffic = collectives.traffic
  }

  /// Returns how the last step went, for a report. Its checksums are reported once.
  mutating func report() -> ProcessStep? {
    defer { last?.checksums = [:] }
    return last
  }

  /// Counts the time of `body`, which reads inputs.
  mutating func waitingForData<Result>(
    _ collectives: any Collectives, _ body: () throws -> Result
  ) rethrows -> Result {
    let (began, before) = (Clock.monotonic(), collectives.traffic.secondsWaited)
    defer {
      data += Clock.monotonic() - began
      waited += collectives.traffic.secondsWaited - before
    }
    return try body()
  }

  /// The step is done.
  ///
  /// - Parameter checksums: those of a share of the state after it.
  mutating func finish(
    _ outcome: StepOutcome, _ collectives: any Collectives, checksums: [String: String]
  ) {
    let now = collectives.traffic
    let network = now.secondsWaited - traffic.secondsWaited - waited
    let times = outcome.times
    let computed = times.teacher + times.student + times.backward + times.optimiser
    last = ProcessStep(
      compute: max(0, computed - network), data: data, network: network,
      bytesSent: now.bytesSent - traffic.bytesSent, memoryResident: ResidentMemory.bytes,
      checksums: checksums)
  }
}
