import Run
import Screen
import TestSupport
import Testing

@Suite struct DashboardTests {
  @Test("a number that no integer can hold is left out", arguments: [1e300, -1e300])
  func immense(number: Double) throws {
    var record = SampleRun.record(steps: 10)
    var sample = SampleRun.sample(11, of: 4000)
    (sample.values[.imagesSeen], sample.values[.timeData]) = (number, number)
    record.append(sample)
    let view = SampleRun.view(record) { $0.panel = .throughput }
    #expect(!drawDashboard(view, size: Size(80, 24)).rows.joined().contains("seen"))
  }

  @Test("nothing overlaps or leaves the screen, whatever its size")
  func layouts() {
    for (width, height) in [(60, 15), (80, 24), (110, 34), (120, 40), (200, 60), (300, 100)] {
      for isExpanded in [false, true] {
        guard let layout = Layout(Size(width, height), panel: .probe, isExpanded: isExpanded)
        else {
          Issue.record("\(width)x\(height)")
          continue
        }
        let places = [layout.header, layout.footer] + layout.panels.map(\.place)
        let area = places.reduce(0) { $0 + $1.width * $1.height }
        #expect(area == width * height)
        for (index, place) in places.enumerated() {
          #expect(place.intersection(Rect(Size(width, height))) == place)
          for other in places[(index + 1)...] { #expect(place.intersection(other).isEmpty) }
        }
      }
    }
  }

  @Test("a usual terminal shows one panel, a large one all six")
  func panels() throws {
    let usual = try #require(Layout(Size(80, 24), panel: .health, isExpanded: false))
    #expect(usual.panels.map(\.panel) == [.health])
    let large = try #require(Layout(Size(120, 40), panel: .health, isExpanded: false))
    let alone: Set<Panel> = [.pictures, .changes, .checkpoints, .system]
    #expect(Set(large.panels.map(\.panel)) == Set(Panel.training).subtracting(alone))
  }

  @Test("a screen that is too small says which size is needed")
  func tooSmall() {
    #expect(Layout(Size(59, 30), panel: .losses, isExpanded: false) == nil)
    #expect(Layout(Size(90, 14), panel: .losses, isExpanded: false) == nil)
    let rows = drawDashboard(SampleRun.view(), size: Size(50, 10)).rows
    #expect(rows.contains { $0.contains("dino needs 60 × 15 cells") })
  }

  @Test(
    "the header tells name, state, phase, progress and times at every size",
    arguments: [
      Size(80, 24), Size(120, 40), Size(200, 60),
    ])
  func header(size: Size) {
    let text = drawDashboard(SampleRun.view(), size: size).rows.prefix(5).joined(separator: "\n")
    for part in [
      "dino sample", "● running", "phase 1 of 2 low", "crops 224/98 px", "left 4 h 12 min",
      "30.0 %",
      "1,200 / 4,000 steps", "loss 8.800", "healthy",
    ] {
      #expect(text.contains(part), "\(part)")
    }
  }

  @Test(
    "each panel has its words at every size",
    arguments: [
      (Panel.losses, ["total", "local", "global", "koleo", "ibot"]),
      (.throughput, ["images/s", "GFLOP/s", "teacher", "optimiser", "memory", "arena"]),
      (.health, ["entropy", "of 8.32", "effective rank", "of 384", "grad backbone"]),
      (.schedules, ["lr", "weight decay", "momentum teacher", "teacher temp"]),
      (.probe, ["learned", "raw", "untrained", "points over raw pixels"]),
      (.log, ["checkpoint written", "warning: broken image", "error: koleo_loss"]),
    ])
  func words(panel: Panel, parts: [String]) {
    for size in [Size(80, 24), Size(120, 40), Size(200, 60)] {
      let text = drawDashboard(SampleRun.view { $0.panel = panel }, size: size).rows
        .joined(separator: "\n")
      for part in parts { #expect(text.contains(part), "\(part) at \(size)") }
    }
  }

  @Test("scores without labels are drawn below k-NN where there is room, and alone without labels")
  func labelFree() {
    let scores: [Metric: Double] = [
      .rankMe: 41.5, .lidar: 12.25, .alphaReQ: 1.5, .denseSeparation: 0.5, .denseDimensions: 0.25,
      .neighbourStability: 0.75,
    ]
    func text(_ size: Size, labels: Bool, expanded: Bool = false) -> String {
      var record = RunRecord(status: SampleRun.status(200, of: 400, state: .running))
      for step in [100, 200] {
        var values = scores
        if labels { values[.knnLearned] = 0.4 }
        record.append(
          ProbeResult(
            step: step, time: 2200, name: ProbeResult.knn, values: values, images: 300,
            classes: labels ? 10 : 0))
      }
      return drawDashboard(
        SampleRun.view(record) {
          $0.panel = .probe
          $0.isExpanded = expanded
        }, size: size
      ).rows.joined(separator: "\n")
    }
    let wide = text(Size(120, 40), labels: true, expanded: true)
    for part in [
      "41.5 of 300", "LiDAR", "12.3", "DSE", "alpha", "75.0 %", "k-NN · 300 images · 10 classes",
      "directions that images use",
    ] { #expect(wide.contains(part), "\(part)") }
    let unlabelled = text(Size(80, 24), labels: false)
    for part in ["RankMe 41.5", "41.5 of 300", "75.0 %"] {
      #expect(unlabelled.contains(part), "\(part)")
    }
    #expect(text(Size(120, 40), labels: false).contains("no labels · 300 images"))
    #expect(!unlabelled.contains("k-NN"))
  }

  @Test("a distillation's probe shows the teacher and every student, its health how near they are")
  func distillation() {
    var record = SampleRun.record()
    for (name, values) in [
      ("knn", [Metric.knnLearned: 0.451, .knnTeacher: 0.687, .knnRawPixels: 0.33]),
      ("knn vit_tiny", [.knnLearned: 0.402]),
    ] {
      record.append(
        ProbeResult(step: 1200, time: 2200, name: name, values: values, images: 1000, classes: 10))
    }
    let text = { (panel: Panel) in
      drawDashboard(SampleRun.view(record) { $0.panel = panel }, size: Size(100, 30)).rows
        .joined(separator: "\n")
    }
    for part in ["learned    45.1 %", "teacher    68.7 %", "vit_tiny   40.2 %"] {
      #expect(text(.probe).contains(part), "\(part)")
    }
    // The header shows the first student.
    #expect(text(.probe).contains("45.1 %") && text(.log).contains("45.1 %"))
    for part in ["agreement", "KL of CLS", "KL of patches"] {
      #expect(text(.health).contains(part), "\(part)")
    }
  }

  @Test("no size and no state brings drawing down")
  func everySize() {
    let overlays: [RunViewState.Overlay?] = [nil, .help, .confirm(.stop), .set(SetPrompt())]
    let records = [
      SampleRun.record(steps: 300), SampleRun.record(steps: 1, of: 1),
      RunRecord(status: SampleRun.status(0, of: 0, state: .starting)),
      RunRecord(status: SampleRun.status(9, of: 3, state: .failed, name: "画像\u{1b}[31m")),
    ]
    var turn = 0
    for width in [1, 2, 5, 13, 59, 60, 61, 80, 109, 110, 133, 200, 300] {
      for height in [1, 2, 7, 14, 15, 16, 24, 33, 34, 41, 60, 100] {
        turn += 1
        let view = SampleRun.view(records[turn % records.count]) {
          $0.panel = Panel.training[turn % 6]
          $0.isExpanded = turn % 5 == 0
          $0.overlay = overlays[turn % overlays.count]
          $0.scale = turn % 3 == 0 ? .log : .linear
          $0.window = turn % 4 == 0 ? 50 : nil
          $0.logScroll = turn % 9
          $0.link = turn % 7 == 0 ? .lost(since: 1, reason: "gone") : .live
        }
        let canvas = drawDashboard(view, size: Size(width, height))
        #expect(canvas.cells.count == width * height)
        #expect(!canvas.cells.contains { $0.glyph == "\u{1b}" })
      }
    }
    #expect(drawDashboard(SampleRun.view(), size: Size(0, 0)).cells.isEmpty)
  }

  @Test("values that are not finite are drawn around")
  func notFinite() {
    var record = SampleRun.record(steps: 50)
    for step in 51...60 {
      record.append(
        Sample(
          step: step, time: .nan,
          values: [.totalLoss: .infinity, .lr: .nan, .imagesPerSecond: -.infinity, .epoch: 1e300]))
    }
    for panel in Panel.training {
      for size in [Size(80, 24), Size(200, 60)] {
        let view = SampleRun.view(record) { $0.panel = panel }
        #expect(drawDashboard(view, size: size).rows.count == size.height)
      }
    }
  }

  @Test("for a terminal without UTF-8 the whole picture is ASCII", arguments: Panel.training)
  func ascii(panel: Panel) {
    for overlay in [nil, .help, .set(SetPrompt())] as [RunViewState.Overlay?] {
      let view = SampleRun.view {
        $0.panel = panel
        $0.overlay = overlay
      }
      for size in [Size(80, 24), Size(120, 40)] {
        let canvas = drawDashboard(view, size: size).ascii
        #expect(canvas.cells.allSatisfy { (32..<127).contains($0.glyph.value) })
        let unknown = canvas.rows.joined().filter { $0 == "?" }.count
        // The help's key, and the letters in a file name that have no ASCII substitute.
        #expect(unknown <= 6, "\(unknown) glyphs without a substitute")
      }
    }
  }

  @Test("state, health and connection are told in words, not by colour alone")
  func words() {
    let bottom = { (view: RunView) in
      drawDashboard(view, size: Size(80, 24)).rows.suffix(2).joined(separator: "\n")
    }
    let lost = SampleRun.view { $0.link = .lost(since: 2988, reason: "no heartbeat") }
    #expect(bottom(lost).contains("connection lost 12 s ago (no heartbeat); trying again"))
    let finished = SampleRun.view(SampleRun.record(state: .finished)) { $0.link = .history }
    #expect(bottom(finished).contains("the run has finished"))
    let stopped = SampleRun.view(SampleRun.record(state: .stopped)) { $0.link = .history }
    #expect(bottom(stopped).contains("'dino start sample' resumes it"))
    let killed = SampleRun.view { $0.link = .history }
    #expect(drawDashboard(killed, size: Size(80, 24)).rows[1].contains("interrupted"))
    let pending = SampleRun.view { $0.sent(id: "1", "pause") }
    #expect(bottom(pending).contains("… pause: sent"))
  }

  @Test("the log shows the newest below and scrolls back")
  func log() {
    let newest = drawDashboard(SampleRun.view { $0.panel = .log }, size: Size(80, 24)).rows
    #expect(newest.contains { $0.contains("koleo_loss was not finite") })
    let scrolled = SampleRun.view {
      $0.panel = .log
      $0.logScroll = 1
    }
    let rows = drawDashboard(scrolled, size: Size(80, 24)).rows.dropLast(2)
    #expect(!rows.contains { $0.contains("koleo_loss was not finite") })
    #expect(rows.contains { $0.contains("1 newer below") })
  }
}
