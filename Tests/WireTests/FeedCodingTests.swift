import FoundationEssentials
import Run
import Testing
import Wire

@Suite struct FeedCodingTests {
  @Test("every message comes back as it went out", arguments: Example.messages)
  func roundTrip(message: FeedMessage) throws {
    let frames = FeedCoding.encode(message, seq: 7, run: "run", time: 2.5)
    let arrival = try FeedCoding.decode(frames)
    #expect(arrival == FeedArrival(seq: 7, run: "run", time: 2.5, message: message))
  }

  @Test("names are in snake case, and all of a header is there")
  func names() throws {
    let frames = FeedCoding.encode(.status(Example.status), seq: 7, run: "run", time: 2.5)
    #expect(frames[0] == Data("status".utf8))
    let header = String(decoding: frames[1], as: UTF8.self)
    for name in [
      "seq\":7", "run\":\"run\"", "time\":2.5", "images_per_step\":64", "started_at",
      "run_directory",
      "global_crops_size", "time_left",
    ] {
      #expect(header.contains("\"" + name), "\(name)")
    }
    #expect(try #/"[a-z]+[A-Z]/#.firstMatch(in: header) == nil)
  }

  private func decode(_ topic: String, _ body: String) throws -> FeedArrival {
    try FeedCoding.decode([
      Data(topic.utf8), Data(#"{"seq":3,"run":"r","time":1,"news":[1],"body":\#(body)}"#.utf8),
    ])
  }

  @Test("unknown fields and metrics are passed over")
  func unknownFields() throws {
    let step = try decode(
      "step", #"{"step":1,"time":2,"values":{"lr":0.5,"novelty":9},"colour":"blue"}"#)
    #expect(step.message == .step(Sample(step: 1, time: 2, values: [.lr: 0.5])))
    let plan = try decode(
      "plan",
      #"""
      [{"metric":"novelty","steps":[1],"values":[1]},{"metric":"lr","steps":[1],"values":[2]}]
      """#)
    #expect(plan.message == .plan([PlannedCurve(metric: .lr, steps: [1], values: [2])]))
  }

  @Test("an unknown topic or body has its number in the sequence and no message")
  func unknownTopic() throws {
    #expect(try decode("portrait", "[]").message == nil)
    #expect(try decode("portrait", "[]").seq == 3)
    #expect(try decode("step", #"{"stride":1}"#).seq == 3)
    #expect(try decode("step", #"{"stride":1}"#).message == nil)
  }

  @Test("what has no number is refused")
  func malformed() {
    #expect(throws: WireError.self) { try FeedCoding.decode([]) }
    #expect(throws: WireError.self) { try FeedCoding.decode([Data("step".utf8)]) }
    #expect(throws: WireError.self) {
      try FeedCoding.decode([Data("step".utf8), Data("{}".utf8)])
    }
  }

  @Test("a number that is not finite does not stop a message")
  func notFinite() throws {
    let sample = Sample(step: 1, time: 2, values: [.lr: .infinity])
    let frames = FeedCoding.encode(.step(sample), seq: 1, run: "r", time: 1)
    #expect(try FeedCoding.decode(frames).message == .step(sample))
  }

  private func snapshot() -> Snapshot {
    var record = Example.record(steps: 5)
    record.append(Sample(step: 6, time: 1, values: [:]))
    record.append(Sample(step: 7, time: 1, values: [.knnLearned: 0.5]))
    for message in Example.messages.dropFirst(3) { record.apply(message) }
    return record.snapshot(sequence: 12)
  }

  @Test("a reply with a snapshot comes back as it went, its samples as columns of doubles")
  func snapshotReply() throws {
    let reply = Reply(id: "a", outcome: .ok, snapshot: snapshot())
    let frames = ReplyCoding.encode(reply)
    #expect(try ReplyCoding.decode(frames) == reply)
    let names = try JSONDecoder().decode([String].self, from: frames[1])
    #expect(Array(names.prefix(2)) == ["step", "time"])
    #expect(frames[2].count == names.count * 7 * 8)
    #expect(Array(frames[2][8..<16]) == [0, 0, 0, 0, 0, 0, 0, 0x40])
  }

  @Test("columns of unknown metrics are passed over, columns that do not fit are refused")
  func snapshotColumns() throws {
    let head = ReplyCoding.encode(Reply(id: "a", outcome: .ok, snapshot: snapshot()))[0]
    func doubles(_ values: [Double]) -> Data { values.withUnsafeBytes { Data($0) } }
    let reply = try ReplyCoding.decode([
      head, Data(#"["step","time","novelty","lr"]"#.utf8), doubles([1, 2, 8, 9, 5, 5, 0.5, .nan]),
    ])
    #expect(
      reply.snapshot?.samples == [
        Sample(step: 1, time: 8, values: [.lr: 0.5]), Sample(step: 2, time: 9, values: [:]),
      ])
    for (names, body) in [
      (#"["step"]"#, doubles([1])), (#"["time","step"]"#, doubles([1, 1])),
      (#"["step","time"]"#, doubles([1, 2, 3])), (#"["step","time"]"#, Data([1])),
      (#"["step","time"]"#, doubles([.nan, 1])), (#"["step","time"]"#, doubles([1e300, 1])),
      ("[]", Data()), ("7", Data()),
    ] {
      #expect(throws: WireError.self) {
        try ReplyCoding.decode([head, Data(names.utf8), body])
      }
    }
  }

  @Test("a snapshot comes back through JSON too")
  func snapshotJSON() throws {
    let data = try JSONEncoder().encode(snapshot())
    #expect(try JSONDecoder().decode(Snapshot.self, from: data) == snapshot())
  }

  @Test(
    "a message, a sample or a snapshot with a number that overflows is refused",
    arguments: [Int.max, -1, .min])
  func impossibleNumbers(number: Int) {
    let heartbeat = #"{"seq":1,"run":"r","time":1,"body":{"state":"running","step":\#(number)}}"#
    let later = try? FeedCoding.decode([Data("heartbeat".utf8), Data(heartbeat.utf8)])
    #expect(later?.seq == 1 && later?.message == nil)
    let header = #"{"seq":\#(number),"run":"r","time":1,"body":{"state":"running","step":1}}"#
    #expect(throws: WireError.self) {
      try FeedCoding.decode([Data("heartbeat".utf8), Data(header.utf8)])
    }
    var snapshot = Example.record().snapshot(sequence: 1)
    snapshot.samples = [Sample(step: number, time: 1, values: [:])]
    let frames = ReplyCoding.encode(Reply(id: "a", outcome: .ok, snapshot: snapshot))
    #expect(throws: WireError.self) { try ReplyCoding.decode(frames) }
  }
}
