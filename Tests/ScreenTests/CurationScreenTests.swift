import Run
import Screen
import TestSupport
import Testing

@Suite("A curation on the screen")
struct CurationScreenTests {
  private static let names = ["index", "hash", "filter", "duplicates", "apply"]

  private static func phase(_ index: Int, _ step: Int, of steps: Int) -> PhaseStatus {
    PhaseStatus(
      name: names[index], index: index, count: names.count, step: step, steps: steps,
      globalCropsSize: 0, localCropsSize: 0)
  }

  private func record(state: RunState = .running) -> RunRecord {
    var status = RunStatus(
      name: "heap", state: state, step: 65_000, steps: 104_000,
      phase: Self.phase(1, 13_000, of: 52_000), timeLeft: 75, startedAt: 1000, pid: 1, arch: "",
      parameters: 0, data: "images", images: 52_000, imagesPerStep: 1, runDirectory: "/pools/heap",
      kind: .curation)
    status.phases = Self.names.indices.map { Self.phase($0, 0, of: 0) }
    var record = RunRecord(status: status)
    for step in 1...20 {
      record.append(
        Sample(
          step: 52_000 + 650 * step, time: 1000 + Double(step),
          values: [.imagesPerSecond: 512 + Double(step), .memoryResident: 9e7]))
    }
    record.append(
      RunEvent(
        time: 1010, step: 52_000, level: .info, kind: "index", text: "52,000 images, 52,000 new"))
    record.set(status)
    return record
  }

  private func rows(
    _ size: Size, _ state: RunState = .running, _ change: (inout RunViewState) -> Void = { _ in }
  ) -> String {
    drawDashboard(SampleRun.view(record(state: state), change), size: size).rows
      .joined(separator: "\n")
  }

  @Test(
    "the stage, its progress, the rate and the time left are there at every size, and nothing of training",
    arguments: [Size(60, 15), Size(80, 24), Size(120, 40), Size(200, 60)])
  func header(size: Size) {
    let text = rows(size)
    for part in ["heap", "running", "hash", "25.0 %", "13,000 / 52,000 images", "532", "1 Stages"] {
      #expect(text.contains(part), "\(part) in\n\(text)")
    }
    #expect(text.contains("1 min 15 s") || text.contains("left 1 min"), "\(text)")
    for word in ["loss", "k-NN", "lr ", "px", "checkpoint", "distil", "Schedules", "Probe"] {
      #expect(!text.contains(word), "\(word) in\n\(text)")
    }
  }

  @Test("stages that are done say what they did, those to come only their name")
  func stages() {
    let lines = rows(Size(120, 40)).split(separator: "\n")
    #expect(lines.contains { $0.contains("✓ index") && $0.contains("52,000 images, 52,000 new") })
    #expect(lines.contains { $0.contains("● hash") && $0.contains("25.0 %") })
    #expect(lines.contains { $0.contains("· duplicates") })
    #expect(rows(Size(120, 40), .finished).contains("✓ apply"))
  }

  @Test("the keys of its three panels select them, and those of training only say so")
  func keys() {
    var state = RunViewState()
    let record = record()
    state.link = .live
    for (key, panel) in [("2", Panel.throughput), ("3", .log), ("1", .stages)] {
      #expect(state.handle(.character(Character(key)), record: record, now: 0) == nil)
      #expect(state.panel == panel)
    }
    #expect(state.handle(.character("5"), record: record, now: 0) == nil && state.panel == .stages)
    #expect(state.handle(.tab, record: record, now: 0) == nil && state.panel == .throughput)
    for key in "csiD" {
      state = RunViewState()
      state.link = .live
      #expect(state.handle(.character(key), record: record, now: 0) == nil)
      #expect(state.overlay == nil && state.notice?.text.contains("only a run") == true)
    }
    #expect(state.handle(.character("p"), record: record, now: 0) == .send(.pause))
    #expect(state.handle(.character("x"), record: record, now: 0) == nil)
    #expect(rows(Size(120, 40)) { $0.overlay = .confirm(.stop) }.contains("'dinod curate'"))
  }
}
