import FoundationEssentials
import Run
import Support
import Testing

@Suite("Counts from outside")
struct CountTests {
  /// Replaces a number in the JSON of a value, and reads the value again.
  private func reread<Value: Codable>(_ value: Value, _ key: String, _ number: String) -> Value? {
    let json = String(decoding: PortableJSON.encode(value), as: UTF8.self)
    guard let start = json.range(of: "\"\(key)\":")?.upperBound,
      let end = json[start...].firstIndex(where: { ",}".contains($0) })
    else { return nil }
    return PortableJSON.decode(
      Value.self, Data((json[..<start] + number + json[end...]).utf8))
  }

  @Test(
    "a number that sums overflow with is refused, whatever it counts",
    arguments: ["9223372036854775807", "-9223372036854775808", "-1", "1000000000000001", "1.5"])
  func refused(number: String) {
    let status = RunRecordTests.status
    for key in ["step", "steps", "parameters", "images", "images_per_step"] {
      #expect(reread(status, key, number) == nil, "\(key)")
      #expect(reread(status, key, "7") != nil, "\(key)")
    }
    for key in ["index", "count", "global_crops_size", "local_crops_size"] {
      #expect(reread(RunRecordTests.phase, key, number) == nil, "\(key)")
    }
    let entry = JournalEntry(id: "a", time: 1, step: 2, client: "c", change: .pause)
    #expect(reread(entry, "step", number) == nil && reread(entry, "step", "3")?.step == 3)
    let event = RunEvent(time: 1, step: 2, level: .info, kind: "k", text: "t")
    #expect(reread(event, "step", number) == nil && reread(event, "step", "3")?.step == 3)
    let sample = Sample(step: 1, time: 1, values: [:])
    #expect(reread(sample, "step", number) == nil && reread(sample, "step", "3")?.step == 3)
    let origin = RunOrigin(run: "r", step: 2, kind: "branch")
    #expect(reread(origin, "step", number) == nil && reread(origin, "step", "3")?.step == 3)
    let probe = ProbeResult(step: 1, time: 1, name: "n", values: [:], images: 1, classes: 1)
    for key in ["step", "images", "classes"] {
      #expect(reread(probe, key, number) == nil, "\(key)")
      #expect(reread(probe, key, "3") != nil, "\(key)")
    }
  }

  @Test(
    "a curve without a value for each ascending step is refused",
    arguments: [
      (#"[1, 2]"#, false), ("[1, 2, 3]", true), ("[1, 3, 2]", false), ("[1, 1, 2]", false),
      ("[-1, 2, 3]", false), ("[]", false),
    ])
  func curves(steps: String, isRead: Bool) {
    let json = #"{"metric": "lr", "steps": \#(steps), "values": [0, 1, 2]}"#
    #expect((PortableJSON.decode(PlannedCurve.self, Data(json.utf8)) != nil) == isRead)
    // Also where curves of unknown schedules are passed over.
    let list = #"[{"metric": "novelty", "steps": "x"}, \#(json)]"#
    let known = PortableJSON.decode(KnownList<PlannedCurve>.self, Data(list.utf8))
    #expect(known?.elements.count == (isRead ? 1 : nil))
  }
}
