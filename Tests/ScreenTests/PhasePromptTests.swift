import Run
import Screen
import TestSupport
import Testing
import Wire

@Suite struct PhasePromptTests {
  private func status(index: Int = 0) -> RunStatus {
    var status = SampleRun.status(100, of: 4000, state: .running)
    func phase(_ name: String, _ place: Int, _ size: Int) -> PhaseStatus {
      PhaseStatus(
        name: name, index: place, count: 2, step: 0, steps: 2000, globalCropsSize: size,
        localCropsSize: 98)
    }
    status.phases = [phase("low", 0, 224), phase("high", 1, 518)]
    status.phase = status.phases![index]
    return status
  }

  private var preview: PhasePreview {
    let steps = [1, 100, 101, 700]
    return PhasePreview(
      phase: status(index: 1).phase, first: 101, steps: 700, imagesPerStep: 8,
      memoryNeeded: 1 << 30,
      memoryAvailable: 4 << 30, stepSeconds: 2, isMeasured: true, phaseSeconds: 1200,
      timeLeft: 1200,
      plan: [Metric.lr, .weightDecay, .momentumTeacher].map {
        PlannedCurve(metric: $0, steps: steps, values: [0, 1, 0.5, 0.1])
      })
  }

  private func type(_ text: String, _ prompt: inout PhasePrompt) {
    for character in text { _ = prompt.handle(.character(character)) }
  }

  @Test("the phases that are planned, one of its own, and back where there is a way back")
  func choices() {
    #expect(PhasePrompt(status()).choices == ["high", nil])
    #expect(PhasePrompt(status(index: 1)).choices == [nil, "back"])
  }

  @Test("a planned phase is previewed, and begins after a second enter alone")
  func planned() {
    var prompt = PhasePrompt(status())
    #expect(prompt.handle(.enter) == .preview(.phase(PhaseRequest(to: "high"))))
    #expect(prompt.handle(.enter) == .open, "nothing begins before the cost is known")
    prompt.show(preview)
    #expect(prompt.handle(.character("n")) == .open && prompt.stage == .editing)
    _ = prompt.handle(.enter)
    prompt.show(preview)
    #expect(prompt.handle(.enter) == .confirmed(.phase(PhaseRequest(to: "high"))))
  }

  @Test("one of its own needs size and steps; what cannot be is said and cannot be accepted")
  func own() {
    var prompt = PhasePrompt(status())
    _ = prompt.handle(.right)
    #expect(prompt.choice == nil && prompt.handle(.enter) == .open && prompt.field == .size)
    type("518", &prompt)
    _ = prompt.handle(.tab)
    type("60x0", &prompt)
    _ = prompt.handle(.tab)
    type("0.1", &prompt)
    let request = PhaseRequest(globalCropsSize: 518, steps: 600, baseLrFactor: 0.1)
    #expect(prompt.handle(.enter) == .preview(.phase(request)))
    prompt.refuse("518 is not a multiple of 16")
    #expect(prompt.stage == .refused("518 is not a multiple of 16"))
    _ = prompt.handle(.backspace)
    #expect(prompt.stage == .editing && prompt.factor == "0.")
    _ = prompt.handle(.enter)
    var refused = preview
    refused.refusal = "too large"
    prompt.show(refused)
    #expect(prompt.handle(.enter) == .open)
  }

  @Test("the daemon's answer reaches the form, with its cost and curves, on a usual screen")
  func shown() {
    var state = RunViewState()
    state.link = .live
    var record = SampleRun.record()
    record.set(status())
    #expect(state.handle(.character("i"), record: record, now: 0) == nil)
    let asked = state.handle(.enter, record: record, now: 0)
    #expect(asked == .preview(.phase(PhaseRequest(to: "high"))))
    state.sent(id: "p", "preview high")
    state.previewing = "p"
    state.receive(Reply(id: "p", outcome: .accepted), now: 1)
    state.receive(Reply(id: "p", outcome: .ok, preview: preview), now: 1)
    #expect(state.pending.isEmpty)
    for size in [Size(80, 24), Size(120, 40)] {
      let rows = drawDashboard(RunView(record: record, state: state, now: 3000), size: size).rows
      let text = rows.joined(separator: "\n")
      for part in [
        "phase high from step 101", "518 and 98 px", "measured by a trial", "enter begin",
      ] {
        #expect(text.contains(part), "\(part) at \(size):\n\(text)")
      }
    }
    let begun = state.handle(.enter, record: record, now: 2)
    #expect(begun == .send(.phase(PhaseRequest(to: "high"))) && state.overlay == nil)
  }

  @Test("charts mark where a phase began, and show the parent's loss behind a branch's own")
  func charts() {
    var record = SampleRun.record()
    record.append(
      JournalEntry(id: "b", time: 1, step: 900, client: "recipe", change: .phase(PhaseRequest())))
    var status = record.status
    status.origin = RunOrigin(run: "forebear", step: 450, kind: "branch")
    record.set(status)
    var view = SampleRun.view(record)
    let without = drawDashboard(view, size: Size(120, 40)).rows.joined(separator: "\n")
    #expect(without.contains("▼") && without.contains("├") && !without.contains("forebear"))
    view.parent = SampleRun.record(name: "forebear")
    let with = drawDashboard(view, size: Size(120, 40)).rows.joined(separator: "\n")
    #expect(with.contains("forebear"))
  }
}
