import Run
import Screen
import TestSupport
import Testing

@Suite struct DistillationPromptTests {
  private func type(_ text: String, _ prompt: inout DistillationPrompt) {
    for character in text { _ = prompt.handle(.character(character)) }
  }

  private func clear(_ prompt: inout DistillationPrompt) {
    for _ in 0..<20 { _ = prompt.handle(.backspace) }
  }

  @Test("what is filled in are the words of dino distill")
  func words() {
    var prompt = DistillationPrompt()
    clear(&prompt)
    type("vit_tiny,vit_small", &prompt)
    _ = prompt.handle(.tab)
    type("r.yaml", &prompt)
    _ = prompt.handle(.tab)
    type("small", &prompt)
    _ = prompt.handle(.tab)
    _ = prompt.handle(.right)
    guard case .confirmed(let request) = prompt.handle(.enter) else {
      Issue.record("not confirmed")
      return
    }
    #expect(
      request.words(parent: "moths", runs: "/runs") == [
        "distill", "moths", "--dir", "/runs", "--arch", "vit_tiny,vit_small", "--recipe", "r.yaml",
        "--name", "small", "--pause-parent",
      ])
    #expect(prompt.stage == .starting && prompt.handle(.enter) == .open, "it begins once")
  }

  @Test("without students or a recipe nothing begins; a refusal can be mended")
  func refusal() {
    var prompt = DistillationPrompt()
    clear(&prompt)
    #expect(prompt.handle(.enter) == .open && prompt.stage == .editing)
    type("vit_tinny", &prompt)
    #expect(prompt.handle(.enter) != .open)
    prompt.refuse("student.arch=vit_tinny: must be one of vit_tiny, vit_small")
    let text = drawDashboard(SampleRun.view { $0.overlay = .distil(prompt) }, size: Size(80, 24))
      .rows.joined(separator: "\n")
    #expect(text.contains("must be one of vit_tiny"), "\(text)")
    _ = prompt.handle(.backspace)
    #expect(prompt.stage == .editing && prompt.request.arch == "vit_tinn")
    #expect(prompt.handle(.escape) == .cancelled)
  }

  @Test("the key opens the form, of a run that is over too")
  func key() {
    var state = RunViewState()
    state.link = .history
    let effect = state.handle(.character("D"), record: SampleRun.record(), now: 0)
    #expect(effect == nil && state.overlay == .distil(DistillationPrompt()))
    let begun = state.handle(.enter, record: SampleRun.record(), now: 0)
    var request = DistillationRequest()
    request.arch = "vit_small"
    #expect(begun == .distil(request))
  }
}
