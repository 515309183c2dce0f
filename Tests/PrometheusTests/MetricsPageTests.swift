import Prometheus
import Run
import TestSupport
import Testing

@Suite struct MetricsPageTests {
  private func lines(_ page: MetricsPage) -> [String] {
    page.text.split(separator: "\n").map(String.init)
  }

  /// A page after two steps, of which the second did not measure the effective rank.
  private func page(run: String = "moths") -> MetricsPage {
    var page = MetricsPage(run: run)
    page.take(SampleRun.status(4, of: 10, state: .running))
    page.take(Sample(step: 5, time: 100, values: [.totalLoss: 2.5, .effectiveRank: 30]))
    page.take(Sample(step: 6, time: 101.5, values: [.totalLoss: 2.25, .timeStep: 1e-5]))
    return page
  }

  @Test("each metric has its last value, a kind, and its unit in words")
  func metrics() {
    let lines = lines(page())
    for line in [
      "# HELP dino_total_loss total loss (loss)", "# TYPE dino_total_loss gauge",
      "dino_total_loss{run=\"moths\"} 2.25", "dino_effective_rank{run=\"moths\"} 30.0",
      "# HELP dino_time_step time step (throughput), in seconds",
      "dino_time_step{run=\"moths\"} 1e-05",
      "dino_last_step_timestamp_seconds{run=\"moths\"} 101.5",
    ] { #expect(lines.contains(line), "\(line)") }
    #expect(!lines.contains { $0.contains("dino_lr") }, "a metric without a value is left out")
  }

  @Test("steps, images and events are counted since the daemon began, and never fall")
  func counters() {
    var page = page()
    page.take(RunEvent(time: 1, step: 1, level: .warning, kind: "image", text: "broken"))
    // The run goes back.
    page.take(Sample(step: 3, time: 102, values: [:]))
    let lines = lines(page)
    for line in [
      "# TYPE dino_steps_total counter", "dino_steps_total{run=\"moths\"} 3.0",
      "dino_images_total{run=\"moths\"} 192.0", "dino_step{run=\"moths\"} 3.0",
      "dino_steps_planned{run=\"moths\"} 10.0",
      "dino_events_total{run=\"moths\",level=\"warning\"} 1.0",
      "dino_events_total{run=\"moths\",level=\"error\"} 0.0",
    ] { #expect(lines.contains(line), "\(line)") }
  }

  @Test("one state is 1, and probes tell themselves apart by a label")
  func labels() {
    var page = page()
    for (name, value) in [("knn", 0.5), ("knn vit_small", 0.25)] {
      page.take(
        ProbeResult(
          step: 6, time: 1, name: name, values: [.knnLearned: value], images: 1, classes: 1))
    }
    page.take(SampleRun.status(6, of: 10, state: .paused))
    let lines = lines(page)
    #expect(lines.contains("dino_knn_learned{run=\"moths\",probe=\"knn vit_small\"} 0.25"))
    #expect(lines.contains("dino_knn_learned{run=\"moths\",probe=\"knn\"} 0.5"))
    let states = lines.filter { $0.hasPrefix("dino_state{") }
    #expect(states.count == 7 && states.filter { $0.hasSuffix(" 1.0") }.count == 1)
    #expect(states.contains("dino_state{run=\"moths\",state=\"paused\"} 1.0"))
    #expect(lines.filter { $0.hasPrefix("# TYPE dino_knn_learned ") }.count == 1)
  }

  @Test("a name with quotes, backslashes and line ends is escaped")
  func escapes() {
    let lines = lines(page(run: "a\"b\\c\nd"))
    #expect(lines.contains("dino_total_loss{run=\"a\\\"b\\\\c\\nd\"} 2.25"))
  }

  @Test("numbers that are not finite have Prometheus's names")
  func notFinite() {
    var page = MetricsPage(run: "m")
    page.take(
      Sample(step: 1, time: 1, values: [.lr: .nan, .gflops: .infinity, .epoch: -.infinity]))
    let lines = lines(page)
    #expect(
      lines.contains("dino_lr{run=\"m\"} NaN") && lines.contains("dino_gflops{run=\"m\"} +Inf"))
    #expect(lines.contains("dino_epoch{run=\"m\"} -Inf"))
  }
}
