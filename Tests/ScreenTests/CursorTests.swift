import Run
import Screen
import Support
import TestSupport
import Testing

/// The cursor, the explanations, the command line and taking back, as their keys work.
@Suite struct CursorTests {
  private func press(_ keys: [Key], _ state: inout RunViewState, _ record: RunRecord) -> Effect? {
    var effect: Effect?
    for key in keys { effect = state.handle(key, record: record, now: 0) }
    return effect
  }

  private func type(_ text: String) -> [Key] { text.map { .character($0) } }

  @Test("the cursor moves by a hundredth, by a step and by marks, and stays within the run")
  func moves() throws {
    var record = SampleRun.record(steps: 2000)
    for step in [300, 600, 1500] {
      record.append(
        JournalEntry(
          id: "c\(step)", time: 1, step: step, client: "anna",
          change: .set(SetSchedule(.clipGrad, to: 1)), effect: .from(3)))
    }
    var state = RunViewState()
    state.link = .live
    _ = press([.left], &state, record)
    #expect(state.cursor == 1980)
    _ = press([.character(".")], &state, record)
    #expect(state.cursor == 1981)
    _ = press([.right, .right], &state, record)
    #expect(state.cursor == 2000)
    _ = press([.character(":")] + type("750") + [.enter], &state, record)
    #expect(state.cursor == 750 && state.overlay == nil)
    let marks = record.marks.map(\.step)
    try #require(marks.count > 2)
    _ = press([.character("[")], &state, record)
    #expect(state.cursor == marks.last { $0 < 750 })
    _ = press([.character("]")], &state, record)
    #expect(state.cursor == marks.first { $0 > marks.last { $0 < 750 }! })
    _ = press([.character(":")] + type("99999") + [.enter], &state, record)
    #expect(state.cursor == 2000)
    _ = press([.escape], &state, record)
    #expect(state.cursor == nil)
  }

  @Test(
    "all panels show the values of the cursor's step", arguments: [Size(80, 24), Size(120, 40)])
  func readOut(size: Size) throws {
    let record = SampleRun.record(steps: 2000)
    let sample = try #require(record.samples.first { $0.step == 801 })
    let view = SampleRun.view(record) { $0.cursor = 801 }
    let rows = drawDashboard(view, size: size).rows
    let loss = try #require(sample[.totalLoss])
    // The header, the end of the curve, and the line below.
    #expect(rows[3].contains("loss \(Format.loss(loss))"), "\(rows[3])")
    #expect(rows.contains { $0.contains("total") && $0.contains(Format.loss(loss)) })
    #expect(rows[size.height - 2].contains("step 801 · "), "\(rows[size.height - 2])")
    let rate = try #require(sample[.lr])
    #expect(rows[size.height - 2].contains("lr \(Format.number(rate))"))
    let plain = drawDashboard(SampleRun.view(record), size: size).rows
    #expect(!plain[3].contains("loss \(Format.loss(loss))"))
  }

  @Test("zoomed in, the charts show what is around the cursor")
  func pan() {
    let record = SampleRun.record(steps: 2000)
    let view = SampleRun.view(record) {
      $0.window = 200
      $0.cursor = 500
    }
    let text = drawDashboard(view, size: Size(120, 40)).rows.joined(separator: "\n")
    #expect(text.contains("450") && text.contains("550") && !text.contains("1950"))
  }

  @Test("every metric of every panel is explained, and the window shows each at every size")
  func figures() throws {
    for metric in Metric.allCases {
      let figure = try #require(Figure.of(metric), "\(metric)")
      #expect(!figure.what.isEmpty && !figure.otherwise.isEmpty)
      #expect(figure.what.count < 260 && figure.otherwise.count < 320, "\(metric)")
    }
    let record = SampleRun.record(steps: 300)
    for panel in Panel.training {
      var state = RunViewState()
      state.panel = panel
      _ = press([.character("e")], &state, record)
      guard case .figures(let browser) = state.overlay else {
        explained(panel, &state, record)
        continue
      }
      for index in browser.metrics.indices {
        if index > 0 { _ = press([.down], &state, record) }
        for size in [Size(60, 15), Size(80, 24), Size(200, 60)] {
          let rows = drawDashboard(SampleRun.view(record) { $0 = state }, size: size).rows
          #expect(rows.contains { $0.contains(browser.metrics[index].rawValue.prefix(20)) })
          // From the usual size on, the explanation has room to its last word.
          guard size.width >= 80 else { continue }
          let end = Figure.of(browser.metrics[index])!.otherwise.split(separator: " ").last!
          #expect(rows.contains { $0.contains(end) }, "\(browser.metrics[index]) at \(size)")
        }
      }
      _ = press([.escape], &state, record)
      #expect(state.overlay == nil)
    }
  }

  /// Panels without figures say how they are read, to the last word.
  private func explained(_ panel: Panel, _ state: inout RunViewState, _ record: RunRecord) {
    #expect(state.overlay == .explanation(panel))
    for size in [Size(80, 24), Size(120, 40)] {
      let rows = drawDashboard(SampleRun.view(record) { [state] in $0 = state }, size: size).rows
      #expect(rows.contains { $0.contains("How to read") })
      #expect(rows.contains { $0.contains("any key close") }, "\(panel) at \(size)")
      let last = ["step.", "one.", "felt."]
      #expect(rows.contains { row in last.contains { row.contains($0) } }, "\(panel) at \(size)")
    }
    _ = press([.escape], &state, record)
    #expect(state.overlay == nil)
  }

  @Test(
    "a typed command is sent as it is in the shell, completed, remembered and refused in a line")
  func commands() {
    let record = SampleRun.record(steps: 300)
    var state = RunViewState()
    state.link = .live
    let line = [.character(":")] + type("set l") + [.tab]
    #expect(
      press(line + type("x0.5 --over 100") + [.enter], &state, record)
        == .send(.set(SetSchedule(.lr, to: nil, factor: 0.5, over: 100))))
    #expect(press([.character(":"), .up, .enter], &state, record) != nil)
    #expect(
      press([.character(":")] + type("note ") + type("it's late") + [.escape], &state, record)
        == nil)
    #expect(press([.character(":")] + type("stop") + [.enter], &state, record) == nil)
    #expect(state.overlay == .confirm(.stop))
    state.overlay = nil
    _ = press([.character(":")] + type("sett lr 1") + [.enter], &state, record)
    let rows = drawDashboard(SampleRun.view(record) { $0 = state }, size: Size(80, 24)).rows
    #expect(rows.contains { $0.contains("did you mean 'set'?") })
    // A run that has ended can be looked at.
    state.overlay = nil
    state.link = .history
    _ = press([.character(":")] + type("pause") + [.enter], &state, record)
    guard case .command(let prompt) = state.overlay, case .failure? = prompt.change else {
      Issue.record("a run that has ended cannot be paused")
      return
    }
  }

  @Test("u shows what would be taken back, and asks")
  func undo() throws {
    var record = SampleRun.record(steps: 300)
    let entry = JournalEntry(
      id: "x1", time: 1, step: 250, client: "anna", change: .set(SetSchedule(.lr, to: 1e-4)),
      effect: .from(1e-3))
    record.append(entry)
    var state = RunViewState()
    state.link = .live
    #expect(press([.character("u")], &state, record) == nil)
    let rows = drawDashboard(SampleRun.view(record) { $0 = state }, size: Size(80, 24)).rows
    #expect(rows.contains { $0.contains("set lr to 1.00e-4, by anna, step 250") })
    var refused = state
    #expect(press([.escape], &refused, record) == nil && refused.overlay == nil)
    let inverse = try #require(Journal(record.journal).inverse(of: "x1"))
    #expect(press([.character("y")], &state, record) == .undo("x1", inverse))
  }

  @Test(
    "the curves of another run are laid over the losses, schedules, health and the system's parts",
    arguments: [Panel.losses, .schedules, .health, .throughput, .probe])
  func laidOver(panel: Panel) {
    var view = SampleRun.view { ($0.panel, $0.isExpanded) = (panel, true) }
    let alone = drawDashboard(view, size: Size(200, 60)).rows
    var values = view.record.samples[100].values
    for (metric, value) in values { values[metric] = value / 2 }
    var other = RunRecord(status: view.record.status)
    for step in 1...900 { other.append(Sample(step: step, time: 1, values: values)) }
    for step in [0, 800] {
      other.append(
        ProbeResult(
          step: step, time: 1, name: ProbeResult.knn, values: [.knnLearned: 0.2], images: 10,
          classes: 10))
    }
    view.others = [("other", other)]
    let both = drawDashboard(view, size: Size(200, 60)).rows
    #expect(both != alone && both.contains { $0.contains("other") })
  }

  @Test("without labels, the ranks of another run are laid over this one's")
  func laidOverRanks() {
    func record(_ rank: Double) -> RunRecord {
      var record = RunRecord(status: SampleRun.status(900, of: 4000, state: .running))
      record.append(Sample(step: 900, time: 1, values: [.totalLoss: 2]))
      for step in [0, 800] {
        record.append(
          ProbeResult(
            step: step, time: 1, name: ProbeResult.knn, values: [.rankMe: rank], images: 10,
            classes: 0))
      }
      return record
    }
    var view = SampleRun.view(record(40)) { ($0.panel, $0.isExpanded) = (.probe, true) }
    view.others = [("other", record(20))]
    let rows = drawDashboard(view, size: Size(120, 40)).rows
    #expect(rows.contains { $0.contains("─ other") || $0.contains(" other ") }, "\(rows)")
    #expect(rows.contains { $0.contains("RankMe") })
  }

  @Test("a loss that is 0 in all steps is left out; one that was not stays")
  func absentLosses() {
    func text(koleo: [Double]) -> String {
      var record = RunRecord(status: SampleRun.status(2, of: 4000, state: .running))
      for (place, value) in koleo.enumerated() {
        record.append(
          Sample(step: place + 1, time: 1, values: [.totalLoss: 2, .koleoLoss: value]))
      }
      let view = SampleRun.view(record) { ($0.panel, $0.isExpanded) = (.losses, true) }
      return drawDashboard(view, size: Size(120, 40)).rows.joined(separator: "\n")
    }
    #expect(!text(koleo: [0, 0]).contains("koleo"))
    #expect(text(koleo: [0, 0.5]).contains("koleo"))
    #expect(text(koleo: [0.5, 0]).contains("koleo"))
  }

  @Test("each loss has a chart and an axis of its own")
  func split() {
    let view = SampleRun.view(SampleRun.record(steps: 300)) {
      $0.isSplit = true
      $0.isExpanded = true
    }
    for size in [Size(80, 24), Size(120, 40), Size(200, 60)] {
      let text = drawDashboard(view, size: size).rows.joined(separator: "\n")
      for name in ["total_loss", "dino_local_crops_loss", "ibot_loss"] {
        #expect(text.contains(name), "\(size)")
      }
    }
  }
}

/// The sentence that says whether a run learns.
@Suite struct LearningLineTests {
  private func line(_ values: [(step: Int, knn: Double)], steps: Int = 2000) -> String {
    var record = SampleRun.record(steps: steps / 2)
    record = RunRecord(status: record.status)
    record.append(SampleRun.sample(1, of: steps))
    for (step, knn) in values {
      record.append(
        ProbeResult(
          step: step, time: 1, name: ProbeResult.knn,
          values: [.knnLearned: knn, .knnUntrained: 0.41, .knnRawPixels: 0.38], images: 1000,
          classes: 10))
    }
    return drawDashboard(SampleRun.view(record), size: Size(100, 30)).rows[4]
  }

  @Test(
    "it says since when features are better than the untrained network's, and how good they are")
  func learns() {
    #expect(line([]).contains("too early to tell whether it learns: dino losses"))
    #expect(
      line([(0, 0.41), (100, 0.42)]).contains(
        "not yet better than untrained: k-NN 42.0 %, untrained 41.0 %, raw pixels 38.0 %"))
    let learned = line([(0, 0.41), (100, 0.5), (200, 0.42), (300, 0.55), (400, 0.62)])
    #expect(
      learned.contains("it learns, since step 300: k-NN 62.0 %, untrained 41.0 %"), "\(learned)")
    #expect(line([(0, 0.41), (900, 0.4), (1000, 0.4)]).contains("✗ features are no better than"))
  }
}
