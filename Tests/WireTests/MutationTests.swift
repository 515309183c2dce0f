import FoundationEssentials
import Run
import TestSupport
import Testing
import Wire

@Suite("Damaged messages", .serialized)
struct MutationTests {
  private static let changes: [Change] = [
    .pause, .stop, .checkpoint(name: "before"), .set(SetSchedule(.lr, to: 1e-4, over: 100)),
    .set(SetSchedule(.weightDecay, to: nil)), .note(Note("a note")), .back,
    .phase(PhaseRequest(name: "high", globalCropsSize: 64, steps: 100)),
  ]

  @Test("a damaged command is understood or refused, and what is understood can be sent again")
  func commands() {
    let requests: [Command.Request] =
      [.hello, .snapshot, .preview(Self.changes[3])] + Self.changes.map { .change($0) }
    let frames = requests.map {
      sortedJSON(Command(id: "a-1", client: "c (a@b)", request: $0).frame)
    }
    let problems = Mutations.problems(
      "commands", frames, as: .text, megabytes: 16, accepted: 0.03...0.95
    ) { bytes, number in
      let command = try Command.parse(Data(bytes)).mapError {
        MutationRefusal($0.reply.reason ?? "")
      }.get()
      #expect(!command.request.summary.isEmpty)
      #expect(try Command.parse(command.frame).get() == command, "\(number)")
    }
    #expect(problems == [])
  }

  @Test("a damaged message of the feed is taken by a viewer or passed over")
  func feed() throws {
    let sent = Example.messages.map { FeedCoding.encode($0, seq: 8, run: "run", time: 1e9) }
    let record = Example.record(steps: 7)
    let snapshot = record.snapshot(sequence: 7)
    let problems = Mutations.problems(
      "feed", sent.map { sortedJSON($0[1]) }, as: .text, megabytes: 16, accepted: 0.03...0.95
    ) { bytes, number in
      let arrival = try FeedCoding.decode([sent[number % sent.count][0], Data(bytes)])
      var follower = FeedFollower(now: 0)
      _ = follower.receive(arrival, now: 0)
      _ = follower.received(snapshot, now: 0)
      _ = follower.receive(arrival, now: 1)
      guard let message = arrival.message else { throw MutationRefusal("passed over") }
      var viewer = record
      viewer.apply(message)
      viewer.apply(.step(Example.sample(9)))
      viewer.apply(.heartbeat(Heartbeat(state: .running, step: 10)))
      viewer.apply(.step(Example.sample(11)))
    }
    #expect(problems == [])
  }

  @Test("a damaged snapshot is joined with the feed or refused")
  func snapshot() throws {
    var record = Example.record(steps: 20)
    for message in Example.messages { record.apply(message) }
    let reply = Reply(id: "a", outcome: .ok, snapshot: record.snapshot(sequence: 7))
    let frames = ReplyCoding.encode(reply)
    let messages = (8...9).map {
      FeedArrival(seq: $0, run: "run", time: 1, message: .step(Example.sample($0 + 20)))
    }
    let problems = Mutations.problems(
      "snapshot", [sortedJSON(frames[0]), Array(frames[1]), Array(frames[2])], as: .text,
      megabytes: 16, accepted: 0.03...0.95
    ) { bytes, number in
      var damaged = frames
      damaged[number % frames.count] = Data(bytes)
      let reply = try ReplyCoding.decode(damaged)
      guard let snapshot = reply.snapshot else { throw MutationRefusal("no snapshot") }
      var follower = FeedFollower(now: 0)
      var viewer: RunRecord?
      let events =
        messages.flatMap { follower.receive($0, now: 0) }
        + follower.received(snapshot, now: 0)
      for event in events {
        switch event {
        case .connected(let snapshot): viewer = RunRecord(snapshot: snapshot)
        case .message(let message): viewer?.apply(message)
        default: break
        }
      }
      viewer?.apply(.step(Example.sample(30)))
      viewer?.apply(.journal(Example.entry))
    }
    #expect(problems == [])
  }
}
