import History
import Run
import Screen
import TestSupport
import Testing

@Suite struct RunListTests {
  private func row(
    _ label: String, _ branch: String = "", time: Double = 0, knn: Double? = nil
  ) -> RunRow {
    var summary = RunSummary(
      RunRecord(status: SampleRun.status(500, of: 4000, state: .running)), isTraining: true)
    summary.time = time
    if let knn {
      summary.evaluation = ProbeResult(
        step: 1, time: 0, name: ProbeResult.knn, values: [.knnLearned: knn], images: 10,
        classes: 2)
    }
    return RunRow(
      label, at: .here(RunDirectory(name: label, parent: "/runs")), branch: branch,
      summary: summary)
  }

  private var rows: [RunRow] {
    [
      row("moths", time: 100, knn: 0.5), row("wings", "└ ", time: 300, knn: 0.9),
      row("gpu1:scans", time: 200),
      RunRow("gpu2:", at: nil, summary: nil, problem: "it does not answer", state: "silent"),
    ]
  }

  private func type(_ keys: [Key], into list: inout RunList) -> RunList.Outcome {
    keys.map { list.handle($0, rows) }.last ?? .open
  }

  @Test("a run is chosen with the arrow keys, and others are laid over it")
  func chosen() {
    var list = RunList()
    #expect(type([.down, .enter], into: &list) == .show(rows[1].place!, over: [:]))
    #expect(
      type([.home, .character(" "), .enter], into: &list)
        == .show(rows[1].place!, over: ["moths": rows[0].place!]))
    // No run is laid over itself; and marked twice, it is not laid over any more.
    #expect(type([.home, .enter], into: &list) == .show(rows[0].place!, over: [:]))
    #expect(
      type([.home, .character(" "), .enter], into: &list)
        == .show(rows[1].place!, over: [:]))
    #expect(type([.escape], into: &list) == .closed)
    #expect(type([.end, .enter], into: &list) == .open, "a host that is silent has no run")
  }

  @Test(
    "a run of this machine is renamed and removed; the answer is about the run that was asked about"
  )
  func renamedAndRemoved() {
    var list = RunList()
    let moths = [Key.character("r"), .character("n"), .character("x"), .enter]
    #expect(type(moths, into: &list) == .dino(["rename", "moths", "nx", "--dir", "/runs"]))
    #expect(type([.down, .character("x"), .character("n")], into: &list) == .open)
    #expect(
      type([.character("x"), .character("y")], into: &list)
        == .dino(["rm", "wings", "--yes", "--dir", "/runs"]))
    #expect(type([.character("r"), .character("a"), .escape], into: &list) == .open)
    #expect(list.question == nil)
    // The list may change meanwhile.
    _ = type([.home, .character("x")], into: &list)
    #expect(
      list.handle(.character("y"), Array(rows.dropFirst()))
        == .dino(["rm", "moths", "--yes", "--dir", "/runs"]))
    #expect(type([.end, .character("x")], into: &list) == .open && list.question == nil)
    // A row that has gone leaves the selection where it was.
    var fresh = RunList(selected: "wings")
    _ = fresh.handle(.character("x"), rows)
    _ = fresh.handle(.character("n"), rows)
    #expect(fresh.place(in: rows.filter { $0.label != "wings" }) == 1)
  }

  @Test("a new run is begun by its recipe, and the keys are explained")
  func begun() {
    var list = RunList()
    let typed = "n/tmp/q.yaml".map { Key.character($0) }
    let begin = RunList.Outcome.dino(["start", "/tmp/q.yaml", "--dir", "/runs"])
    #expect(type(typed + [.enter], into: &list) == begin)
    #expect(type([.character("n"), .enter], into: &list) == .open && list.question == nil)
    #expect(type([.character("?")], into: &list) == .open && list.question == .help)
    for size in [Size(60, 20), Size(80, 24)] {
      let text = drawRunList(list, rows, now: 400, size: size).rows.joined(separator: "\n")
      #expect(text.contains("begin a run") && text.contains("back to the dashboard"), "\(text)")
    }
    // The key that closes the help does nothing else.
    #expect(type([.escape], into: &list) == .open && list.question == nil)
  }

  @Test("rows are ordered as a tree, by age, name and accuracy, and searched")
  func ordered() {
    var list = RunList()
    func labels() -> [String] { list.shown(rows).map(\.label) }
    #expect(labels() == rows.map(\.label))
    _ = type([.character("s")], into: &list)
    #expect(labels() == ["wings", "gpu1:scans", "moths", "gpu2:"])
    _ = type([.character("s")], into: &list)
    #expect(labels() == ["gpu1:scans", "gpu2:", "moths", "wings"])
    _ = type([.character("s")], into: &list)
    #expect(labels().prefix(2) == ["wings", "moths"])
    // Letters that are keys elsewhere are a part of the text.
    #expect(type("/sWq".map { .character($0) } + [.backspace, .backspace], into: &list) == .open)
    #expect(list.filter == "s" && list.isTyping && labels() == ["wings", "moths", "gpu1:scans"])
    #expect(
      type([.character("c"), .enter, .enter], into: &list) == .show(rows[2].place!, over: [:]))
    _ = type([.character("/"), .escape], into: &list)
    #expect(labels().count == 4 && !list.isTyping)
  }

  @Test("the list shows what is known of each run, and why nothing is, in every size")
  func drawn() {
    for size in [Size(60, 15), Size(80, 24), Size(200, 60)] {
      let lines = drawRunList(RunList(), rows, now: 400, size: size).rows
      let text = lines.joined(separator: "\n")
      for part in ["moths", "└ wings", "● running", "silent", "enter show"] {
        #expect(text.contains(part), "\(part) at \(size):\n\(text)")
      }
      #expect(size.width < 80 || text.contains("it does not answer") && text.contains("12 %"))
      #expect(lines.count == size.height && lines.allSatisfy { $0.columns <= size.width })
    }
    let waiting = drawRunList(RunList(), nil, now: 0, size: Size(80, 24)).rows
    #expect(waiting.joined().contains("asking"))
  }

  @Test("R opens it over any run, and enter shows what was chosen")
  func opened() {
    var state = RunViewState()
    state.runs = rows
    state.label = "gpu1:scans"
    state.overlaid = ["wings": rows[1].place!]
    _ = state.handle(.character("R"), record: nil, now: 0)
    // The run on the screen is selected, so that enter changes nothing.
    let effect = state.handle(.enter, record: nil, now: 0)
    #expect(effect == .show(rows[2].place!, over: ["wings": rows[1].place!]))
    #expect(state.overlay == nil)
    // ^C ends a search, and then the dashboard.
    _ = state.handle(.character("R"), record: nil, now: 0)
    _ = state.handle(.character("/"), record: nil, now: 0)
    #expect(state.handle(.interrupt, record: nil, now: 0) == nil && state.overlay != nil)
    #expect(state.handle(.interrupt, record: nil, now: 0) == .detach)
  }

  @Test("a selected run that is not listed for once leaves the selection where it was")
  func gone() {
    var list = RunList()
    _ = type([.down, .down], into: &list)
    let fewer = rows.filter { $0.label != "gpu1:scans" }
    #expect(list.place(in: fewer) == 2)
    #expect(list.place(in: rows) == 2 && list.selected == "gpu1:scans")
  }

  @Test("the system panel says where time, memory and disk go")
  func system() {
    var record = SampleRun.record()
    var status = record.status
    status.machine = MachineStatus(
      host: "node-a", processor: "Xeon", cores: 8, threads: 4, precision: "bf16", version: "0.1.0",
      memory: [.init(name: "activations, student", bytes: 1 << 30)])
    record.set(status)
    for size in [Size(80, 24), Size(120, 40), Size(200, 60)] {
      let view = SampleRun.view(record) { $0.panel = .system }
      let text = drawDashboard(view, size: size).rows.joined(separator: "\n")
      for part in [
        "Xeon · 4 threads on 8 cores · bf16", "waits for crops", "activations, student", "1.00 GiB",
        "room for 500", "node-a", "0 System",
      ] {
        #expect(text.contains(part), "\(part) at \(size):\n\(text)")
      }
    }
  }
}
