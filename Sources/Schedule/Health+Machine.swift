import Run
import Support

/// What a run's metrics show of the machines that it runs on.
extension Health {
  /// What runs out, which no other trouble may hide, since the run ends by it.
  static func room(_ samples: [Sample]) -> [Finding] {
    [memory(samples), disk(samples)].compactMap(\.self)
  }

  /// What the run waits for.
  static func waits(_ record: RunRecord) -> [Finding] {
    [dataWait(record.samples), slowRank(record.status.processes ?? [])].compactMap(\.self)
  }

  /// Checks whether steps wait for images most of the time.
  private static func dataWait(_ samples: [Sample]) -> Finding? {
    let recent = samples.suffix(50)
    let whole = recent.reduce(0) { $0 + ($1[.timeStep] ?? 0) }
    let waited = recent.reduce(0) { $0 + ($1[.timeData] ?? 0) }
    // A short run, or the first steps, wait for the first images.
    guard whole > 20, recent.count == 50, waited > 0.5 * whole else { return nil }
    return Finding(
      .dataWait, .watch, "steps wait for images \(Format.percent(waited / whole)) of the time")
  }

  /// Checks whether the machine runs out of memory: less than a twentieth of what the run uses is left.
  private static func memory(_ samples: [Sample]) -> Finding? {
    let last = samples.suffix(50).last { $0[.memoryAvailable] != nil }
    guard let last, let left = last[.memoryAvailable], let used = last[.memoryResident],
      left < 0.05 * used
    else { return nil }
    return Finding(.memory, .watch, "the machine has only \(Format.bytes(left)) of memory left")
  }

  /// Checks whether the disk has room for two further checkpoints.
  private static func disk(_ samples: [Sample]) -> Finding? {
    let last = samples.suffix(50).last { $0[.diskCheckpoints] != nil }
    guard let room = last?[.diskCheckpoints], room < 2 else { return nil }
    let text =
      room < 1
      ? "the disk has no room for a checkpoint" : "the disk has room for only one more checkpoint"
    return Finding(.disk, .watch, text)
  }

  /// Checks whether the others wait for one process, which computes half as long again as their mean.
  private static func slowRank(_ processes: [ProcessStatus]) -> Finding? {
    guard let slowest = processes.slowest, let time = slowest.timeCompute else { return nil }
    let others = processes.filter { $0.number != slowest.number }.compactMap(\.timeCompute)
    let mean = others.reduce(0, +) / Double(max(others.count, 1))
    guard mean > 0, time > 1.5 * mean else { return nil }
    return Finding(
      .slowRank, .watch,
      "process \(slowest.number) on \(slowest.host) computes \(Format.number(time / mean)) times as "
        + "long as the others")
  }
}
