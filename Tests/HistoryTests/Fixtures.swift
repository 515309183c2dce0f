import FoundationEssentials
import TestSupport
import History
import Run

#if canImport(Glibc)
  import Glibc
#endif

extension TemporaryFolder {
  func run(_ name: String = "run") -> RunDirectory { RunDirectory(name: name, parent: path) }
}

enum Example {
  static func status(_ state: RunState = .running, step: Int = 0) -> RunStatus {
    RunStatus(
      name: "run", state: state, step: step, steps: 1000,
      phase: PhaseStatus(
        name: "low", index: 0, count: 2, step: step, steps: 600, globalCropsSize: 32,
        localCropsSize: 16),
      timeLeft: 12.5, startedAt: 1e9, pid: 42, arch: "vit_tiny/4", parameters: 5_500_000,
      data: "embedded", images: 1000, imagesPerStep: 64, runDirectory: "/runs/run",
      message: "é\u{1}")
  }

  static func sample(_ step: Int) -> Sample {
    Sample(
      step: step, time: 1e9 + Double(step) / 3,
      values: [.totalLoss: 1 / Double(step), .lr: 4e-4, .imagesSeen: Double(step * 64)])
  }

  static func event(_ step: Int) -> RunEvent {
    RunEvent(time: 1, step: step, level: .warning, kind: "image", text: "'a\"b' \(step)")
  }

  static func evaluation(_ step: Int) -> ProbeResult {
    ProbeResult(
      step: step, time: 2, name: "knn", values: [.knnLearned: 0.1, .knnUntrained: 1 / 3.0],
      images: 100, classes: 10)
  }

  static func entry(_ id: String, step: Int) -> JournalEntry {
    JournalEntry(
      id: id, time: 3, step: step, client: "dino set (a@b)",
      change: .set(SetSchedule(.lr, to: nil, over: 0)), effect: .from(1e-4))
  }
}
