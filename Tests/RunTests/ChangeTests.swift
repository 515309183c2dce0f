import Foundation
import Run
import Testing

@Suite("The table of changes")
struct ChangeTests {
  /// Changes of each kind, with all arguments.
  static let examples: [Change] = [
    .pause, .resume, .checkpoint(), .checkpoint(name: "before the lamp"), .stop, .back,
    .note(Note("the lamp was replaced")),
    .set(SetSchedule(.lr, to: 1e-4, over: 50)), .set(SetSchedule(.clipGrad, to: nil)),
    .set(SetSchedule(.lr, to: nil, factor: 0.3, over: 50, shape: .cosine)),
    .together([
      SetSchedule(.lr, to: 1e-4, over: 50, at: .after(10)), SetSchedule(.weightDecay, to: nil),
    ]),
    .control(Control(.take)), .control(Control(.take, minutes: 5, isForced: true)),
    .control(Control(.release)), .rewind(Rewind()), .rewind(Rewind(to: 50)),
    .rewind(Rewind(to: 50, set: SetSchedule(.clipGrad, to: 1))),
    .rewind(Rewind(set: SetSchedule(.lr, to: nil, factor: 0.5))),
    .phase(PhaseRequest(to: "next")),
    .phase(
      PhaseRequest(
        to: "high", name: "higher", globalCropsSize: 518, localCropsSize: 98, steps: 600,
        batchSizePerGPU: 8, baseLrFactor: 0.1)),
  ]

  @Test("every kind stands in it once, and none is without an example here")
  func table() {
    let names = Change.kinds.map(\.name)
    #expect(Set(names).count == names.count)
    #expect(Set(Self.examples.map(\.kind.name)) == Set(names))
    for kind in Change.kinds {
      #expect(ChangeKind.named(kind.name)?.summary == kind.summary)
      #expect(!kind.summary.isEmpty && kind.arguments.allSatisfy { !$0.meaning.isEmpty })
    }
    #expect(ChangeKind.named("reboot") == nil)
  }

  @Test("a change comes back from JSON as it went, whole numbers as such", arguments: examples)
  func coding(_ change: Change) throws {
    let data = try JSONEncoder().encode(change)
    #expect(try JSONDecoder().decode(Change.self, from: data) == change)
    #expect(!String(decoding: data, as: UTF8.self).contains("50.0"))
  }

  @Test("an entry of the journal comes back from JSON with what the change made of the run")
  func entries() throws {
    for (number, effect) in [
      nil, ChangeEffect.from(5e-4), .phases("[{name: high}]"), .undoes("1"),
    ].enumerated() {
      let entry = JournalEntry(
        id: "\(number)", time: 1.5, step: 7, client: "anna", change: Self.examples[number],
        effect: effect)
      let data = try JSONEncoder().encode(entry)
      #expect(try JSONDecoder().decode(JournalEntry.self, from: data) == entry)
    }
  }

  @Test("a change is typed by the names of its arguments")
  func typed() throws {
    let set = try ChangeKind.set.change(typed: ["metric": "lr", "value": "1e-4", "over": "500"])
    #expect(set == .set(SetSchedule(.lr, to: 1e-4, over: 500)))
    #expect(set.summary == "set lr to 1.00e-4 over 500 steps")
    let bent = try Change(line: "set lr 1e-6 --over 500 --shape cosine")
    #expect(bent == .set(SetSchedule(.lr, to: 1e-6, over: 500, shape: .cosine)))
    #expect(bent.summary == "set lr to 1.00e-6 over 500 steps along a cosine")
    #expect(bent.commandLine("moths").contains("--shape cosine"))
    #expect(throws: ChangeRefusal("shape needs over: the number of steps to change it over")) {
      try Change(line: "set lr 1e-6 --shape cosine")
    }
    let recipe = try ChangeKind.set.change(typed: ["metric": "lr", "value": "recipe"])
    #expect(recipe == .set(SetSchedule(.lr, to: nil)))
    #expect(recipe.summary == "set lr back to the recipe")
    #expect(Change.pause.summary == "pause")
    let part = try ChangeKind.set.change(typed: ["metric": "lr", "value": "x0.3"])
    #expect(part == .set(SetSchedule(.lr, to: nil, factor: 0.3)))
    #expect(part.summary == "set lr to 0.3 times the recipe's schedule")
    let rewind = try ChangeKind.rewind.change(typed: ["metric": "lr", "value": "x0.5"])
    #expect(
      rewind.summary
        == "rewind to the last good checkpoint, lr to 0.5 times the recipe's schedule")
    #expect(throws: ChangeRefusal("--set and --value go together: a schedule and its new value")) {
      try ChangeKind.rewind.change(typed: ["metric": "lr"])
    }
  }

  @Test("a change tells the words of a shell that ask for it")
  func commandLines() {
    let lines = Self.examples.map { $0.commandLine("moths") }
    #expect(lines.contains("set moths lr 0.0001 --over 50"))
    #expect(lines.contains("set moths clip_grad recipe"))
    #expect(lines.contains("set moths lr x0.3 --over 50 --shape cosine"))
    #expect(lines.contains("rewind moths") && lines.contains("rewind moths --to 50"))
    #expect(lines.contains("rewind moths --set lr --value x0.5"))
    #expect(lines.contains("phase moths next") && lines.contains("phase moths back"))
    #expect(lines.contains("note moths 'the lamp was replaced'"))
  }

  @Test("a line is read as it is written, with or without quotes", arguments: examples)
  func lines(_ change: Change) throws {
    // The second word is the run's name, which a line on the screen does not have.
    var words = change.commandLine("moths").split(separator: " ").map(String.init)
    words.remove(at: 1)
    #expect(try Change(line: words.joined(separator: " ")) == change)
  }

  @Test("what a line lacks is said, and what may come next is known")
  func incomplete() throws {
    #expect(try Change(line: "note the lamp was replaced") == .note(Note("the lamp was replaced")))
    for (line, part) in [
      ("set", "set needs KEY"), ("set lr", "set needs VALUE"), ("sett", "did you mean 'set'?"),
      ("set lr 1e-4 5", "one word too many"), ("set lr 1e-4 --ovr 5", "no option '--ovr'"),
      ("set lr 1e-4 --over", "--over needs STEPS"), ("note 'x", "quote is not closed"),
      ("", "there are pause"),
    ] {
      let error = #expect(throws: ChangeRefusal.self) { try Change(line: line) }
      #expect(error?.description.contains(part) == true, "\(line): \(error?.description ?? "")")
    }
    #expect(Change.completions(of: "se").map(\.word) == ["set"])
    #expect(Change.completions(of: "set te").map(\.word) == ["teacher_temp"])
    #expect(
      Change.completions(of: "set lr 1 --").map(\.word) == ["--over", "--shape", "--at", "--force"])
    #expect(Change.completions(of: "rewind --set l").map(\.word) == ["lr"])
    #expect(Change.completions(of: "").count == Change.kinds.count)
  }

  @Test(
    "what cannot be is refused in one line with the remedy",
    arguments: [
      ("lrr", "1", "0", "did you mean 'lr'?"), ("total_loss", "1", "0", "there are lr"),
      ("lr", "", "0", "give a number such as 1e-4, or x0.3"),
      ("lr", "abc", "0", "'abc' is not a number"),
      ("lr", "nan", "0", "'nan' is not a number"), ("lr", "inf", "0", "'inf' is not a number"),
      ("lr", "x", "0", "'x' is not a number"), ("lr", "x-1", "0", "'x-1' is not a number"),
      ("lr", "xnan", "0", "or 'recipe'"), ("lr", "5", "0", "must be from"),
      ("lr", "-1e-4", "0", "must be from"),
      ("lr", "1e-4", "x", "'x' is not a whole number"),
      ("lr", "1e-4", "-5", "over must be a whole number from 0"),
      ("l\u{1b}[2J", "1", "0", #"l\x1b[2J"#),
    ])
  func refusals(metric: String, value: String, over: String, part: String) {
    let error = #expect(throws: ChangeRefusal.self) {
      try ChangeKind.set.change(typed: ["metric": metric, "value": value, "over": over])
    }
    #expect(error?.description.contains(part) == true, "\(error?.description ?? "")")
    #expect(error?.description.contains("\n") == false)
  }

  @Test("who may end a run may also steer it, and who steers it may not end it")
  func roles() {
    #expect(ClientRole.viewer < .operator && ClientRole.operator < .owner)
    #expect(Change.stop.kind.role == .owner && Change.pause.kind.role == .operator)
  }
}
