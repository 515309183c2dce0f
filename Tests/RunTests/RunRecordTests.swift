import Foundation
import Run
import Testing

@Suite struct RunRecordTests {
  static let status = RunStatus(
    name: "r", state: .running, step: 0, steps: 10, phase: phase, timeLeft: nil, startedAt: 1,
    pid: 2, arch: "vit_small/14", parameters: 3, data: "embedded", images: 4, imagesPerStep: 5,
    runDirectory: "/r")
  static let phase = PhaseStatus(
    name: "main", index: 0, count: 1, step: 0, steps: 10, globalCropsSize: 32, localCropsSize: 16)

  private func sample(_ step: Int) -> Sample {
    Sample(step: step, time: Double(step), values: [.totalLoss: Double(step) / 2])
  }

  private func record(steps: Int) -> RunRecord {
    var record = RunRecord(status: Self.status)
    for step in 1...steps { record.append(sample(step)) }
    return record
  }

  @Test("each metric has its place, and a sample has the values that it was given and no others")
  func places() throws {
    #expect(Metric.allCases.map(\.place) == Array(0..<Metric.count))
    var sample = sample(3)
    #expect(sample[.totalLoss] == 1.5 && sample[.lr] == nil)
    #expect(sample.values == [.totalLoss: 1.5])
    sample.values[.lr] = .infinity
    #expect(sample[.lr] == .infinity && sample[.totalLoss] == 1.5 && sample != self.sample(3))
    sample.values[.totalLoss] = nil
    #expect(sample.values == [.lr: .infinity])
    for metric in Metric.allCases {
      let one = Sample(step: 1, time: 2, values: [metric: 0.25])
      #expect(one.values == [metric: 0.25])
      let data = try JSONEncoder().encode(one)
      #expect(try JSONDecoder().decode(Sample.self, from: data) == one)
    }
  }

  @Test(
    "what is read by metric is what the samples have, however a run went",
    arguments: [5, 4096, 9001])
  func series(steps: Int) {
    var record = record(steps: steps)
    func check(_ what: String) {
      var found: [Int: Double] = [:]
      record.forEachValue(of: .totalLoss) { found[$0] = $1 }
      let wanted = Dictionary(
        uniqueKeysWithValues: record.samples.map { ($0.step, $0[.totalLoss]!) })
      #expect(found == wanted, "\(what)")
      record.forEachValue(of: .lr) { _, _ in Issue.record("no sample has it") }
      for step in [0, 1, 4, steps / 2, steps, steps + 9] {
        let count = record.samples.filter { $0.step <= step }.count
        #expect(record.sampleCount(upTo: step) == count, "\(what)")
        #expect(
          record.lastValue(of: .totalLoss, among: count)
            == record.samples[..<count].last?[.totalLoss], "\(what)")
      }
      var part: [Int] = []
      record.forEachValue(of: .totalLoss, from: 3, to: max(3, steps / 2)) { step, _ in
        part.append(step)
      }
      #expect(part == record.samples.map(\.step).filter { 3...max(3, steps / 2) ~= $0 })
    }
    check("as trained")
    record.append(sample(steps / 2))
    check("gone back")
    record = RunRecord(snapshot: record.snapshot(sequence: 1))
    check("from a snapshot")
    record.append(sample(steps / 2 + 1))
    check("gone on")
  }

  @Test("up to the limit, every sample is kept")
  func short() {
    let record = record(steps: RunRecord.sampleLimit)
    #expect(record.samples.map(\.step) == Array(1...RunRecord.sampleLimit))
    #expect(record.status.step == RunRecord.sampleLimit)
  }

  @Test(
    "a long run keeps evenly spaced samples, the first and the latest among them",
    arguments: [4097, 8192, 8193, 50_000, 50_001])
  func thinned(steps: Int) {
    let record = record(steps: steps)
    let kept = record.samples.map(\.step)
    let stride = RunRecord.stride(lastStep: steps)
    var expected = Array(Swift.stride(from: 1, through: steps, by: stride))
    if expected.last != steps { expected.append(steps) }
    #expect(kept == expected)
    #expect(kept.count <= RunRecord.sampleLimit + 1)
    #expect(kept.count > RunRecord.sampleLimit / 2)
  }

  @Test("one that joins by a snapshot keeps the same samples as one that was there from the start")
  func joining() {
    var first = record(steps: 7000)
    var second = RunRecord(snapshot: first.snapshot(sequence: 7))
    #expect(second == first)
    for step in 7001...9000 {
      first.append(sample(step))
      second.append(sample(step))
    }
    #expect(second == first)
  }

  @Test("a step that is done again replaces what came from it on")
  func rewinding() {
    var record = record(steps: 20)
    record.append(ProbeResult(step: 10, time: 0, name: "knn", values: [:], images: 1, classes: 1))
    record.append(ProbeResult(step: 20, time: 0, name: "knn", values: [:], images: 1, classes: 1))
    for (id, step) in [("a", 9), ("b", 15), ("c", 18)] {
      record.append(JournalEntry(id: id, time: 0, step: step, client: "", change: .pause))
    }
    record.append(Sample(step: 15, time: 99, values: [.totalLoss: 1]))
    #expect(record.samples.map(\.step) == Array(1...15))
    #expect(record.samples.last?.time == 99)
    #expect(record.evaluations.map(\.step) == [10])
    #expect(record.journal.map(\.id) == ["a", "b", "c"])
    #expect(record.status.step == 15)
  }

  @Test("lists are bounded, and an id or a probe's step is there once")
  func bounded() {
    var record = RunRecord(status: Self.status)
    for step in 1...1500 {
      record.append(RunEvent(time: 0, step: step, level: .info, kind: "x", text: ""))
      record.append(JournalEntry(id: "\(step)", time: 0, step: step, client: "", change: .pause))
    }
    record.append(JournalEntry(id: "1499", time: 0, step: 1600, client: "", change: .pause))
    #expect(record.events.map(\.step) == Array(501...1500))
    #expect(record.journal.count == 1000)
    #expect(record.journal.last?.step == 1500)
    for _ in 0..<2 {
      record.append(ProbeResult(step: 1, time: 0, name: "knn", values: [:], images: 1, classes: 1))
    }
    #expect(record.evaluations.count == 1)
  }

  @Test("a planned curve takes the place of the one of its metric")
  func plan() {
    var record = RunRecord(status: Self.status)
    record.set([PlannedCurve(metric: .lr, steps: [1], values: [1])])
    record.set([
      PlannedCurve(metric: .weightDecay, steps: [1], values: [2]),
      PlannedCurve(metric: .lr, steps: [1], values: [3]),
    ])
    #expect(record.plan.map(\.values) == [[2], [3]])
  }
}
