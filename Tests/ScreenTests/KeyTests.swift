import Run
import Screen
import TestSupport
import Testing
import Wire

@Suite struct KeyTests {
  private let record = SampleRun.record()

  private func live() -> RunViewState {
    var state = RunViewState()
    state.link = .live
    return state
  }

  @Test("every action that there is has a key, a help text, and each key one action")
  func table() {
    let actions = Set(KeyBinding.all.map(\.action))
    let wanted: [Action] =
      [
        .pause, .resume, .checkpoint, .set, .phase, .undo, .command, .distil, .export,
        .branch, .removeCheckpoint, .oneKind, .stop, .detach, .help, .pictures, .save,
        .nextPanel, .previousPanel, .figures, .split, .smooth, .play, .search, .suspend,
        .cursor(.left), .cursor(.right), .cursor(.previousStep), .cursor(.nextStep),
        .cursor(.previousMark), .cursor(.nextMark), .cursor(.off),
        .expand, .zoomIn, .zoomOut, .logScale, .nextTheme, .nextRun, .previousRun, .runs,
        .scroll(.up),
        .scroll(.down), .scroll(.pageUp), .scroll(.pageDown), .scroll(.oldest), .scroll(.newest),
      ] + Panel.training.indices.map { .panel($0) }
    #expect(actions == Set(wanted))
    let keys = KeyBinding.all.flatMap(\.keys)
    #expect(Set(keys).count == keys.count)
    #expect(KeyBinding.all.allSatisfy { !$0.help.isEmpty && !$0.keys.isEmpty })
  }

  @Test("the help shows every key that the table has, on the smallest usual screen too")
  func help() {
    for size in [Size(80, 24), Size(120, 40)] {
      let text = drawDashboard(SampleRun.view { $0.overlay = .help }, size: size).rows
        .joined(separator: "\n")
      for binding in KeyBinding.all {
        if case .panel = binding.action { continue }
        #expect(text.contains(binding.help), "\(binding.help) at \(size)")
      }
      #expect(text.contains("select a panel"))
    }
  }

  @Test("F goes through the kinds of the log's events, and then shows all again")
  func kinds() {
    var state = live()
    let kinds = Set(record.events.map(\.kind)).sorted()
    #expect(kinds.count > 1)
    for kind in kinds {
      _ = state.handle(.character("F"), record: record, now: 0)
      #expect(state.panel == .log && state.filter == "kind:\(kind)")
      let count = record.events.count { $0.kind == kind }
      let view = SampleRun.view {
        ($0.panel, $0.filter, $0.isExpanded) = (.log, state.filter, true)
      }
      let text = drawDashboard(view, size: Size(120, 40)).rows.joined(separator: "\n")
      #expect(
        text.contains("\(count) event\(count == 1 ? "" : "s") with 'kind:\(kind)'"), "\(text)")
    }
    _ = state.handle(.character("F"), record: record, now: 0)
    #expect(state.filter.isEmpty)
  }

  @Test("X lets the command be entered that removes the selected checkpoint, and nothing else")
  func removeCheckpoint() {
    var state = live()
    state.checkpointSteps = [100, 200, 300]
    #expect(state.handle(.character("X"), record: record, now: 0) == nil && state.overlay == nil)
    state.panel = .checkpoints
    for key in [Key.down, .character("X")] { _ = state.handle(key, record: record, now: 0) }
    let effect = state.handle(.enter, record: record, now: 0)
    guard case .run(let line)? = effect else {
      Issue.record("\(String(describing: effect))")
      return
    }
    #expect(
      line.words(run: "moths", in: nil) == ["checkpoints", "moths", "--remove", "200", "--yes"])
  }

  @Test(
    "keys of one letter send their command",
    arguments: [
      ("p", Change.pause), ("r", .resume), ("c", .checkpoint()),
    ] as [(Character, Change)])
  func commands(key: Character, change: Change) {
    var state = live()
    let effect = state.handle(.character(key), record: record, now: 0)
    #expect(effect == .send(change))
  }

  @Test("stopping asks first, and only y or enter stops")
  func stop() {
    for (answer, effect) in [
      (Key.character("y"), Effect.send(.stop)), (.enter, nil),
      (.character("n"), nil), (.escape, nil), (.character("x"), nil),
    ] as [(Key, Effect?)] {
      var state = live()
      let asked = state.handle(.character("x"), record: record, now: 0)
      #expect(asked == nil)
      #expect(state.overlay == .confirm(.stop))
      let answered = state.handle(answer, record: record, now: 0)
      #expect(answered == effect)
      #expect(state.overlay == nil)
    }
  }

  @Test(
    "detaching leaves the run alone", arguments: [Key.character("q"), .character("d"), .interrupt])
  func detach(key: Key) {
    var state = live()
    let effect = state.handle(key, record: record, now: 0)
    #expect(effect == .detach)
  }

  @Test("without a daemon no command is sent, and the reason is said")
  func withoutDaemon() {
    for link in [RunViewState.Link.history, .lost(since: 0, reason: "")] {
      var state = RunViewState()
      state.link = link
      for key in "prcsx" {
        let effect = state.handle(.character(key), record: record, now: 0)
        #expect(effect == nil)
        #expect(state.overlay == nil)
        #expect(state.notice != nil)
      }
    }
  }

  @Test("while it connects, forms open, and commands without one are refused")
  func connecting() {
    for (key, isForm) in [("p", false), ("r", false), ("c", false), ("s", true), ("x", true)] {
      var state = RunViewState()
      let effect = state.handle(.character(Character(key)), record: record, now: 0)
      #expect(effect == nil && (state.overlay != nil) == isForm && (state.notice == nil) == isForm)
    }
    // What is typed meanwhile is asked about once there is somebody to ask.
    var state = RunViewState()
    for key in "s1e-4" { _ = state.handle(.character(key), record: record, now: 0) }
    #expect(state.changeToForesee(now: 1) == nil && state.isForeseeing)
    state.link = .live
    #expect(state.changeToForesee(now: 1) == .set(SetSchedule(.lr, to: 1e-4)))
  }

  @Test("zooming goes through round numbers of steps and ends at the whole run")
  func zoom() {
    var state = live()
    let press = { (key: Character) in _ = state.handle(.character(key), record: record, now: 0) }
    press("+")
    #expect(state.window == 1000)
    press("+")
    #expect(state.window == 500)
    press("-")
    press("-")
    #expect(state.window == nil)
    press("-")
    #expect(state.window == nil)
    for _ in 0..<50 { press("+") }
    #expect(state.window == 20)
  }

  @Test("the log scrolls within its events")
  func scroll() {
    var state = live()
    for _ in 0..<50 { _ = state.handle(.up, record: record, now: 0) }
    #expect(state.logScroll == record.events.count - 1)
    _ = state.handle(.end, record: record, now: 0)
    #expect(state.logScroll == 0)
    _ = state.handle(.pageDown, record: record, now: 0)
    #expect(state.logScroll == 0)
  }

  @Test("panels are gone through in a circle")
  func panels() {
    var state = live()
    _ = state.handle(.backTab, record: record, now: 0)
    #expect(state.panel == .system)
    _ = state.handle(.tab, record: record, now: 0)
    #expect(state.panel == .losses)
    _ = state.handle(.character("3"), record: record, now: 0)
    #expect(state.panel == .health)
  }

  @Test("a command is pending until it is applied, and the outcome is told for a while")
  func pending() {
    var state = live()
    state.sent(id: "1", "pause")
    state.receive(Reply(id: "other", outcome: .applied, step: 3), now: 0)
    #expect(state.pending.map(\.id) == ["1"])
    state.receive(Reply(id: "1", outcome: .accepted), now: 0)
    #expect(state.pending.first?.accepted == true)
    state.receive(Reply(id: "1", outcome: .applied, step: 1234), now: 0)
    #expect(state.pending.isEmpty)
    #expect(state.notice?.text == "✓ pause: applied at step 1,234")
    _ = state.expire(now: 1)
    #expect(state.notice != nil)
    _ = state.expire(now: 100)
    #expect(state.notice == nil)
  }

  @Test("a rejection is shown with its reason")
  func rejected() {
    var state = live()
    state.sent(id: "1", "set lr")
    state.receive(Reply(id: "1", outcome: .rejected, reason: "too late"), now: 0)
    #expect(state.notice?.text == "✗ set lr: rejected: too late")
    #expect(state.notice?.role == .bad)
  }
}
