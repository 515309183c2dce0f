import Run
import Screen
import TestSupport
import Testing

@Suite("Commands of the shell on the dashboard")
struct ShellCommandTests {
  private func words(_ line: String, in folder: String? = nil) -> [String]? {
    ShellLine(line)?.words(run: "moths", in: folder)
  }

  @Test("the run's name stands where the shell has it; a checkpoint of export is part of it")
  func named() {
    #expect(words("shot --to a.png") == ["shot", "moths", "--to", "a.png"])
    #expect(words("extend 500", in: "/runs") == ["extend", "moths", "500", "--dir", "/runs"])
    #expect(
      words("export --format timm --at 40 --to 'my weights'")
        == ["export", "moths@40", "--format", "timm", "--to", "my weights"])
    #expect(words("export --at") == ["export", "moths", "--at"], "the command says what it lacks")
    #expect(words("set lr 1") == nil && words("rm") == nil && words("shot 'a") == nil)
  }

  @Test("the palette runs them, also for a run that has ended, and completes their options")
  func palette() {
    var state = RunViewState()
    state.link = .history
    for character in ":exp" {
      _ = state.handle(.character(character), record: SampleRun.record(), now: 0)
    }
    _ = state.handle(.tab, record: SampleRun.record(), now: 0)
    guard case .command(let prompt) = state.overlay else { return #expect(Bool(false)) }
    #expect(prompt.text == "export " && prompt.change == nil)
    #expect(prompt.completions.map(\.word) == ["--format", "--to", "--at"], "none of changes")
    let effect = state.handle(.enter, record: SampleRun.record(), now: 0)
    #expect(effect == ShellLine("export").map { .run($0) })
    #expect(state.overlay == nil && state.commands == ["export "])
  }

  @Test("a change is refused with the true reason: the run has ended, or it cannot be reached")
  func hindered() {
    for (link, word) in [
      (RunViewState.Link.history, "has ended"), (.lost(since: 0, reason: "x"), "no connection"),
    ] {
      var state = RunViewState()
      state.link = link
      for character in ":pause" {
        _ = state.handle(.character(character), record: SampleRun.record(), now: 0)
      }
      guard case .command(let prompt) = state.overlay, case .failure(let refusal)? = prompt.change
      else { return #expect(Bool(false)) }
      #expect(refusal.description.contains(word))
    }
  }

  @Test("a panel that a curation does not have is none of its panels when a key comes")
  func curation() {
    var state = RunViewState()
    state.panel = .checkpoints
    var record = SampleRun.record()
    var status = record.status
    status.kind = .curation
    record.set(status)
    _ = state.handle(.down, record: record, now: 0)
    #expect(state.panel == .stages)
  }

  @Test("a checkpoint is selected, and the lines of E and B begin with it")
  func checkpoint() {
    var state = RunViewState()
    (state.panel, state.checkpointSteps) = (.checkpoints, [100, 200, 300])
    func text(_ keys: [Key]) -> String {
      for key in keys { _ = state.handle(key, record: SampleRun.record(), now: 0) }
      defer { state.overlay = nil }
      guard case .command(let prompt) = state.overlay else { return "" }
      return prompt.text
    }
    #expect(text([.character("E")]) == "export --format huggingface --at 300 --to ")
    #expect(text([.down, .character("B")]) == "branch --at 200 --name ")
    #expect(text([.down, .down, .down, .character("B")]) == "branch --at 100 --name ")
    #expect(text([.up, .up, .up, .up, .character("B")]) == "branch --at 300 --name ")
    state.panel = .losses
    #expect(text([.character("E")]) == "export --format huggingface --to ", "the best one")
  }
}
