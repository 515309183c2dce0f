import Run
import Store

/// What the driver's output promises to hold after any restart.
struct Promises {
  /// The ids of all changes that were asked for, and of those that were acknowledged.
  private(set) var asked: Set<String> = []
  private(set) var changes: [String] = []
  /// The step that the record reaches at least, and the last that it may reach.
  private var recorded = 0
  private var lastStep = 0
  /// The step of the newest checkpoint that was acknowledged, and what the database says of it.
  private var checkpoint: Int?
  private var counted: Int?
  /// By step: the version that was acknowledged, and the last that was begun.
  private var versions: [Int: Int] = [:]
  private var begun: [Int: Int] = [:]
  /// By step: the version that was marked as sound.
  private var sound: [Int: Int] = [:]

  init(_ output: String) {
    for line in output.split(separator: "\n") { add(line.split(separator: " ").map(String.init)) }
  }

  private mutating func add(_ words: [String]) {
    let number = words.count > 1 ? Int(words[1]) ?? 0 : 0
    switch words[0] {
    case "ask": asked.insert(words[1])
    case "change": if !changes.contains(words[1]) { changes.append(words[1]) }
    case "step": lastStep = max(lastStep, number)
    case "recorded": recorded = number
    case "rewound": (recorded, lastStep) = (min(recorded, number), number)
    case "write": begun[number] = Int(words[2])
    case "checkpoint": (checkpoint, versions[number]) = (number, Int(words[2]))
    case "counted": counted = number
    case "sound": sound[number] = versions[number]
    case "going":
      // From here on the newer checkpoints may go.
      checkpoint = checkpoint.map { min($0, number) }
      counted = counted.map { min($0, number) }
    case "dropping": recorded = min(recorded, number)
    default: break
    }
  }

  /// Returns what a recovered run does not keep, one line each.
  func broken(by run: RecoveredRun) -> [String] {
    run.problems + brokenJournal(run) + brokenRecord(run) + brokenCheckpoint(run)
  }

  private func brokenJournal(_ run: RecoveredRun) -> [String] {
    let ids = run.journal.map(\.id)
    let kept = Set(ids)
    var problems = changes.filter { !kept.contains($0) }.map { "change \($0) is lost" }
    problems += ids.filter { !asked.contains($0) }.map { "nobody asked for change \($0)" }
    let promised = Set(changes)
    if problems.isEmpty, ids.filter(promised.contains) != changes {
      problems.append("the changes are in the order \(ids), not \(changes)")
    }
    for entry in run.journal where !entry.id.hasSuffix("back") {
      let parts = entry.id.split(separator: "-").compactMap { Int($0) }
      if entry.change != .set(SetSchedule(.lr, to: Double(parts[1]) * 1e-4, over: parts[0])) {
        problems.append("change \(entry.id) is now \(entry.change)")
      }
    }
    return problems
  }

  private func brokenRecord(_ run: RecoveredRun) -> [String] {
    guard run.lastStep < recorded || run.lastStep > lastStep else { return [] }
    return ["the record ends at step \(run.lastStep), not within \(recorded)...\(lastStep)"]
  }

  private func brokenCheckpoint(_ run: RecoveredRun) -> [String] {
    var problems: [String] = []
    let step = run.latest?.step
    if step ?? -1 < checkpoint ?? -1 {
      problems.append("the checkpoint of step \(checkpoint!) is lost; the newest is \(step ?? -1)")
    }
    if run.lastCheckpoint ?? -1 < counted ?? -1 {
      problems.append("the database knows step \(run.lastCheckpoint ?? -1), not \(counted!)")
    }
    if let last = run.lastCheckpoint, step == nil {
      problems.append("the database knows a checkpoint of step \(last), and there is none")
    }
    for checkpoint in run.checkpoints {
      let (step, version) = (checkpoint.step, Int(checkpoint.manifest.info["version"] ?? "") ?? 0)
      if version < versions[step] ?? 0 || version > begun[step] ?? 0 {
        problems.append("step \(step) has version \(version), not \(versions[step] ?? 0)")
      }
      if sound[step] == version && !checkpoint.isSound {
        problems.append("step \(step) is no longer marked as sound")
      }
    }
    return problems
  }
}
