import Run
import Testing
import Wire

@Suite struct FeedFollowerTests {
  private func beat(_ seq: Int) -> FeedArrival {
    FeedArrival(
      seq: seq, run: "run", time: 0, message: .heartbeat(Heartbeat(state: .running, step: seq)))
  }

  private func snapshot(_ sequence: Int) -> Snapshot {
    Example.record().snapshot(sequence: sequence)
  }

  /// Returns events as numbers: the negated sequence of a snapshot, the number of a message, 0 for
  /// a loss.
  private func short(_ events: [ConnectionEvent]) -> [Int] {
    events.map {
      switch $0 {
      case .connected(let snapshot): -snapshot.sequence
      case .message(.heartbeat(let beat)): beat.step
      default: 0
      }
    }
  }

  /// Returns a follower that has joined at message 10.
  private func joined() -> FeedFollower {
    var follower = FeedFollower(now: 0)
    _ = follower.receive(beat(10), now: 0)
    _ = follower.received(snapshot(10), now: 0)
    return follower
  }

  @Test("it asks when it hears the feed, then delivers the snapshot and what is newer")
  func joining() {
    var follower = FeedFollower(now: 0)
    #expect(!follower.wantsSnapshot(now: 0))
    #expect(short(follower.receive(beat(10), now: 0)) == [])
    #expect(follower.wantsSnapshot(now: 0))
    follower.asked(now: 0)
    #expect(!follower.wantsSnapshot(now: 1))
    for seq in 11...14 { #expect(short(follower.receive(beat(seq), now: 0)) == []) }
    #expect(short(follower.received(snapshot(12), now: 0)) == [-12, 13, 14])
    #expect(short(follower.receive(beat(15), now: 0)) == [15])
  }

  @Test("a snapshot that does not come is asked for again")
  func askingAgain() {
    var follower = FeedFollower(now: 0)
    _ = follower.receive(beat(1), now: 0)
    follower.asked(now: 0)
    #expect(follower.wantsSnapshot(now: 3.1))
  }

  @Test("messages that a snapshot overtook are dropped, without another snapshot")
  func overtaken() {
    var follower = joined()
    #expect(short(follower.receive(beat(12), now: 1)) == [])
    #expect(short(follower.received(snapshot(20), now: 1)) == [-20])
    for seq in 13...20 { #expect(short(follower.receive(beat(seq), now: 1)) == []) }
    #expect(short(follower.receive(beat(21), now: 1)) == [21])
  }

  @Test("upon a hole it asks again and delivers nothing until the snapshot is there")
  func hole() {
    var follower = joined()
    #expect(short(follower.receive(beat(11), now: 1)) == [11])
    #expect(short(follower.receive(beat(13), now: 1)) == [])
    #expect(follower.wantsSnapshot(now: 2))
    #expect(short(follower.receive(beat(14), now: 2)) == [])
    #expect(short(follower.received(snapshot(13), now: 2)) == [-13, 14])
  }

  @Test("a hole between snapshot and feed, or within what was kept, needs another snapshot")
  func holeWhileJoining() {
    var follower = FeedFollower(now: 0)
    _ = follower.receive(beat(10), now: 0)
    _ = follower.receive(beat(12), now: 0)
    #expect(short(follower.received(snapshot(10), now: 0)) == [])
    #expect(follower.wantsSnapshot(now: 1))
    #expect(short(follower.received(snapshot(12), now: 1)) == [-12])
  }

  @Test("another daemon, whose numbers begin again, is joined anew")
  func restart() {
    var follower = joined()
    #expect(short(follower.receive(beat(11), now: 1)) == [11])
    #expect(short(follower.receive(beat(1), now: 2)) == [])
    #expect(follower.wantsSnapshot(now: 3))
    #expect(short(follower.received(snapshot(1), now: 3)) == [-1])
    #expect(short(follower.receive(beat(2), now: 3)) == [2])
  }

  @Test("silence is told once, and what comes after it is joined anew")
  func silence() {
    var follower = joined()
    #expect(short(follower.tick(now: 4.9)) == [])
    #expect(short(follower.tick(now: 5.1)) == [0])
    #expect(short(follower.tick(now: 60)) == [])
    #expect(!follower.wantsSnapshot(now: 60))
    #expect(short(follower.receive(beat(11), now: 61)) == [])
    #expect(follower.wantsSnapshot(now: 61.5))
    #expect(short(follower.tick(now: 70)) == [0])
  }
}
