import Run
import Testing

@Suite("Values of probes by metric")
struct ProbeCurveTests {
  private func result(_ step: Int, _ value: Double, _ name: String = ProbeResult.knn) -> ProbeResult
  {
    ProbeResult(
      step: step, time: 0, name: name, values: [.knnLearned: value, .rankMe: 2 * value],
      images: 1, classes: 1)
  }

  /// What the results themselves say.
  private func expectAgreement(_ record: RunRecord, _ comment: Comment) {
    for (name, metric) in [(ProbeResult.knn, Metric.knnLearned), ("knn vit_small", .rankMe)] {
      let values = record.evaluations.filter { $0.name == name }.compactMap { found in
        found.values[metric].map { ProbeValue(step: found.step, value: $0) }
      }
      #expect(record.probeCurve(metric, of: name) == values, comment)
    }
    #expect(record.probeNames == Set(record.evaluations.map(\.name)), comment)
  }

  @Test("they are those of the results, whatever is added, replaced, dropped or restored")
  func agreement() {
    var record = RunRecord(status: RunRecordTests.status)
    for step in 1...20 { record.append(Sample(step: step, time: 0, values: [.totalLoss: 1])) }
    for step in [5, 10, 15, 20] {
      record.append(result(step, Double(step) / 100))
      record.append(result(step, Double(step) / 200, "knn vit_small"))
    }
    #expect(record.probeCurve(.knnLearned).map(\.step) == [5, 10, 15, 20])
    expectAgreement(record, "added")
    record.append(result(20, 0.9))
    #expect(record.probeCurve(.knnLearned).map(\.value) == [0.05, 0.1, 0.15, 0.9])
    expectAgreement(record, "replaced")
    record.append(Sample(step: 12, time: 0, values: [.totalLoss: 1]))
    #expect(record.probeCurve(.knnLearned).map(\.step) == [5, 10])
    expectAgreement(record, "gone back")
    #expect(RunRecord(snapshot: record.snapshot(sequence: 1)) == record)
    let change = Change.rewind(Rewind(to: 8))
    record.append(JournalEntry(id: "r", time: 0, step: 9, client: "me", change: change))
    #expect(record.probeCurve(.rankMe).map(\.step) == [5])
    expectAgreement(record, "rewound")
  }

  @Test("no more results are kept of them than of the list")
  func bounded() {
    var record = RunRecord(status: RunRecordTests.status)
    for step in 1...RunRecord.listLimit + 7 { record.append(result(step, Double(step))) }
    #expect(record.probeCurve(.knnLearned).first?.step == 8)
    expectAgreement(record, "bounded")
  }
}
