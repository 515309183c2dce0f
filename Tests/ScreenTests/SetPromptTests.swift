import Run
import Screen
import Testing

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
    for tabs in 0..<3 {
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
}
