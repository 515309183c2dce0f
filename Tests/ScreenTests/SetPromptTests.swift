import Run
import Screen
import TestSupport
import Testing
import Wire

@Suite struct SetPromptTests {
  private func type(_ keys: [Key], into prompt: inout SetPrompt) -> SetPrompt.Outcome {
    keys.map { prompt.handle($0) }.last ?? .editing
  }

  private func letters(_ text: String) -> [Key] { text.map { .character($0) } }

  @Test("a change is typed field by field and confirmed with enter")
  func confirmed() throws {
    var prompt = SetPrompt()
    let outcome = type(
      [.right, .right, .tab] + letters("0.995") + [.down] + letters("500") + [.enter],
      into: &prompt)
    let change = Change.set(SetSchedule(.momentumTeacher, to: 0.995, over: 500))
    #expect(outcome == .confirmed(change))
    #expect(change.summary == "set momentum_teacher to 0.9950 over 500 steps")
  }

  @Test("escape leaves everything as it is, in every field")
  func cancelled() {
    for tabs in 0..<SetPrompt.Field.allCases.count {
      var prompt = SetPrompt()
      let outcome = type(Array(repeating: .tab, count: tabs) + [.escape], into: &prompt)
      #expect(outcome == .cancelled)
    }
  }

  @Test("enter on something that cannot be refuses and keeps what was typed")
  func refused() {
    var prompt = SetPrompt()
    let first = type([.tab] + letters("4") + [.enter], into: &prompt)
    #expect(first == .editing)
    #expect(prompt.wasRefused)
    #expect(prompt.value == "4")
    let second = type([.backspace] + letters("1e-4") + [.enter], into: &prompt)
    #expect(second != .editing)
  }

  @Test("a field takes no more than it shows")
  func bounded() {
    var prompt = SetPrompt()
    _ = type([.tab] + letters(String(repeating: "9", count: 99)), into: &prompt)
    #expect(prompt.value.count == 16)
    for _ in 0..<20 { _ = prompt.handle(.backspace) }
    #expect(prompt.value.isEmpty)
  }

  @Test("arrow keys raise and lower what was typed, or else the present value, by a tenth")
  func nudged() {
    var prompt = SetPrompt(present: [.lr: 5e-4, .momentumTeacher: 0.994])
    _ = type([.tab, .right], into: &prompt)
    #expect(prompt.value == "0.00055")
    _ = type([.left, .left], into: &prompt)
    #expect(prompt.value == "0.000455")
    _ = type(Array(repeating: .backspace, count: 9) + letters("recipe") + [.left], into: &prompt)
    #expect(prompt.value == "x0.909")
    // Of a momentum, what is left to 1 counts.
    prompt = SetPrompt(present: [.momentumTeacher: 0.994])
    _ = type([.right, .right, .tab, .right], into: &prompt)
    #expect(prompt.metric == .momentumTeacher && prompt.value == "0.994545")
    // Nothing is raised above its limit.
    _ = type(Array(repeating: .backspace, count: 9) + letters("1") + [.right], into: &prompt)
    #expect(prompt.value == "1")
  }

  @Test("shape and first step are chosen, and digits typed at once are the value")
  func shaped() {
    var prompt = SetPrompt()
    let keys = letters("1e-5") + [.tab] + letters("300") + [.tab, .right, .tab] + letters("+50")
    let outcome = type(keys + [.enter], into: &prompt)
    let set = SetSchedule(.lr, to: 1e-5, over: 300, shape: .cosine, at: .after(50))
    #expect(outcome == .confirmed(.set(set)))
  }

  private let preview = ChangePreview(
    first: 901,
    before: [PlannedCurve(metric: .lr, steps: [1, 2000], values: [1e-3, 1e-3])],
    after: [
      PlannedCurve(metric: .lr, steps: [1, 900, 901, 2000], values: [1e-3, 1e-3, 1e-5, 1e-5])
    ])

  @Test(
    "what is typed is asked about once, after a pause, and form and command line show the answer")
  func foreseen() {
    for keys in [[Key.character("s")] + letters("1e-5"), letters(":set lr 1e-5")] {
      var state = RunViewState()
      state.link = .live
      let record = SampleRun.record()
      for key in keys {
        #expect(state.handle(key, record: record, now: 10) == nil)
        #expect(state.changeToForesee(now: 10.1) == nil, "a person is still typing")
      }
      #expect(state.isForeseeing)
      #expect(state.changeToForesee(now: 10.3) == .set(SetSchedule(.lr, to: 1e-5)))
      state.askedToForesee(id: "p")
      #expect(state.changeToForesee(now: 99) == nil && !state.isForeseeing, "it is asked once")
      state.receive(Reply(id: "p", outcome: .accepted), now: 11)
      var reply = Reply(id: "p", outcome: .ok)
      reply.expected = preview
      state.receive(reply, now: 11)
      #expect(state.pending.isEmpty && state.expectation?.answer == preview)
      let view = RunView(record: record, state: state, now: 3000)
      for size in [Size(80, 24), Size(120, 40)] {
        let text = drawDashboard(view, size: size).rows.joined(separator: "\n")
        #expect(text.contains("it would affect step 901 first"), "\(text)")
        #expect(
          text.contains("lr in that step: 1.00e-5 instead of 1.00e-3") && text.contains("new"))
      }
      _ = state.handle(.escape, record: record, now: 12)
      #expect(state.overlay == nil && state.expectation == nil)
    }
  }

  @Test("a refusal is shown before enter is pressed, and an answer that comes too late is dropped")
  func refusedBefore() {
    var state = RunViewState()
    state.link = .live
    let record = SampleRun.record()
    func type(_ keys: [Key]) { for key in keys { _ = state.handle(key, record: record, now: 0) } }
    type([.character("s")] + letters("0.5"))
    state.askedToForesee(id: "p")
    var reply = Reply(id: "p", outcome: .ok)
    reply.expected = ChangePreview(first: 901, refusal: "that would ruin the run")
    state.receive(reply, now: 1)
    let view = RunView(record: record, state: state, now: 3000)
    let text = drawDashboard(view, size: Size(80, 24)).rows.joined(separator: "\n")
    #expect(text.contains("✗ it would be refused: that would ruin the run"))
    // Another change is another question, and the answer to the first is of no interest any more.
    type([.backspace, .character("4")])
    state.askedToForesee(id: "second")
    #expect(state.pending.map(\.id) == ["second"])
    type([.escape])
    #expect(state.pending.isEmpty)
    state.receive(reply, now: 3)
    #expect(state.notice == nil && state.overlay == nil && state.expectation == nil)
    // Going back to a checkpoint reads it whole; nobody asks for that while typing.
    type(letters(":rewind"))
    #expect(state.expectation == nil)
  }

  @Test("what is typed at once goes to the value, and a text that is no number stays as it is")
  func typedAtOnce() {
    var prompt = SetPrompt(present: [.lr: 5e-4])
    _ = type(letters("x0.3"), into: &prompt)
    #expect(prompt.value == "x0.3")
    prompt = SetPrompt(present: [.lr: 5e-4])
    _ = type(letters(".04 "), into: &prompt)
    #expect(prompt.value == ".04")
    prompt = SetPrompt(present: [.lr: 5e-4])
    _ = type(letters("1e-") + [.right], into: &prompt)
    #expect(prompt.value == "1e-")
    prompt = SetPrompt(present: [.momentumTeacher: 1])
    _ = type([.right, .right, .tab, .left], into: &prompt)
    #expect(prompt.value == "0.99989", "a momentum of 1 can be lowered")
  }
}
