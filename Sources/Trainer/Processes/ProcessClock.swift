import Engine
import Support
import Tensor

/// Measures how a process spends its steps.
struct ProcessClock {
  /// The last step.
  private(set) var last: ProcessStep?
  /// The seconds that the present step has waited for crops.
  private(set) var data = 0.0
  private var began = 0.0
  private var traffic = LinkTraffic()
  private var isStarted = false

  /// A micro-batch's inputs are read.
  mutating func beginInput(_ collectives: any Collectives) {
    began = Clock.monotonic()
    guard !isStarted else { return }
    isStarted = true
    data = 0
    traffic = collectives.traffic
  }

  mutating func endInput() { data += Clock.monotonic() - began }

  /// A step is done. Returns how it was spent.
  @discardableResult
  mutating func finish(_ outcome: StepOutcome, _ collectives: any Collectives) -> ProcessStep {
    let now = collectives.traffic
    let network = now.secondsWaited - traffic.secondsWaited
    let times = outcome.times
    let computed = times.teacher + times.student + times.backward + times.optimiser
    isStarted = false
    let step = ProcessStep(
      compute: max(0, computed - network), data: data, network: network,
      bytesSent: now.bytesSent - traffic.bytesSent, memoryResident: ResidentMemory.bytes)
    last = step
    return step
  }
}
