import FoundationEssentials
import Run
import Testing

import Wire

@Suite("Parts of snapshots")
struct SnapshotScopeTests {
  /// What a client has of a record.
  private func known(_ record: RunRecord) -> SnapshotScope {
    SnapshotScope(
      known: record.samples.last.map {
        SnapshotScope.Known(
          step: $0.step, entry: record.journal.last?.id, began: record.samples[0].time)
      })
  }

  private func entry(_ id: String, _ step: Int, _ change: Change = .pause) -> JournalEntry {
    JournalEntry(id: id, time: Double(step), step: step, client: "c", change: change)
  }

  @Test(
    "what is new, added to what a client has, is the whole, however long it was away",
    arguments: [(1, 2), (5, 5), (100, 4096), (4096, 4097), (4097, 9000), (3000, 40_000)])
  func difference(first: Int, last: Int) throws {
    var daemon = Example.record(steps: first)
    daemon.append(entry("a", first))
    let client = daemon
    for step in (first + 1)..<(last + 1) { daemon.append(Example.sample(step)) }
    daemon.append(Example.event("while it was away"))
    daemon.append(entry("b", last))
    let snapshot = daemon.snapshot(sequence: 9, for: known(client))
    #expect(snapshot.after == first && snapshot.samples.allSatisfy { $0.step > first })
    let frames = ReplyCoding.encode(Reply(id: "x", outcome: .ok, snapshot: snapshot))
    let received = try #require(try ReplyCoding.decode(frames).snapshot)
    let merged = RunRecord(snapshot: received, onto: client)
    #expect(merged.samples == daemon.samples)
    #expect(merged.journal == daemon.journal && merged.events == daemon.events)
    #expect(merged.status == daemon.status)
  }

  @Test("a client gets everything if the run went back, or if it has more than the daemon")
  func whole() {
    let client = Example.record(steps: 30)
    var daemon = client
    #expect(daemon.snapshot(sequence: 1, for: known(client)).samples.isEmpty)
    daemon.append(entry("r", 11, .rewind(Rewind(to: 10))))
    for step in 11...40 { daemon.append(Example.sample(step)) }
    let rewound = daemon.snapshot(sequence: 1, for: known(client))
    #expect(rewound.after == nil && rewound.samples.count == 40)
    // The next time it knows of the rewind.
    let later = daemon
    daemon.append(Example.sample(41))
    #expect(daemon.snapshot(sequence: 1, for: known(later)).samples.map(\.step) == [41])
    // Another run of the same name, without changes as well.
    var again = RunRecord(status: Example.status)
    for step in 1...40 {
      var sample = Example.sample(step)
      sample.time += 5
      again.append(sample)
    }
    #expect(again.snapshot(sequence: 1, for: known(client)).after == nil)
    // A daemon that resumed from a checkpoint, and one that does not know the client's journal.
    #expect(Example.record(steps: 20).snapshot(sequence: 1, for: known(client)).after == nil)
    var other = client
    other.append(entry("unknown", 30))
    #expect(client.snapshot(sequence: 1, for: known(other)).after == nil)
  }

  @Test("a compressed reply comes back as it went, and is small")
  func compressed() throws {
    var record = Example.record(steps: 4000)
    for message in Example.messages.dropFirst() { record.apply(message) }
    func frames(_ scope: SnapshotScope) -> [Data] {
      ReplyCoding.encode(Reply(id: "x", outcome: .ok, record, sequence: 7, scope: scope))
    }
    let (plain, small) = (frames(SnapshotScope()), frames(SnapshotScope(isCompressed: true)))
    #expect(ReplyCoding.id(of: small) == "x")
    let reply = try ReplyCoding.decode(small)
    #expect(try ReplyCoding.decode(plain) == reply)
    #expect(RunRecord(snapshot: try #require(reply.snapshot)) == record)
    func size(_ frames: [Data]) -> Int { frames.reduce(0) { $0 + $1.count } }
    #expect(size(small) * 2 < size(plain), "\(size(small)) of \(size(plain))")
  }

  @Test("compressed data that lie about their size, or are damaged, are refused")
  func damaged() throws {
    let frames = ReplyCoding.encode(
      Reply(
        id: "x", outcome: .ok, Example.record(steps: 50), sequence: 7,
        scope: SnapshotScope(isCompressed: true)))
    func refuse(_ number: Int, _ data: Data) {
      var frames = frames
      frames[number] = data
      #expect(throws: WireError.self) { try ReplyCoding.decode(frames) }
    }
    for size in ["-1", "0", "8", "99999999999999"] {
      let head = #"{"id":"x","outcome":"ok","encoding":"deflate","sizes":[\#(size),\#(size)]}"#
      refuse(0, Data(head.utf8))
    }
    refuse(0, Data(#"{"id":"x","outcome":"ok","encoding":"zip","sizes":[1,1]}"#.utf8))
    for number in [1, 3] {
      refuse(number, Data())
      refuse(number, Data(frames[number].dropLast()))
    }
    #expect(throws: WireError.self) { try ReplyCoding.decode(Array(frames.prefix(3))) }
  }

  @Test("a command says what the client has, and what cannot be understood asks for everything")
  func command() throws {
    let scope = SnapshotScope(
      known: SnapshotScope.Known(step: 7, entry: "j", began: 1.5), isCompressed: true)
    let command = Command(id: "1", client: "c", request: .snapshot, scope: scope)
    #expect(try Command.parse(command.frame).get() == command)
    let odd =
      #"{"v":2,"id":"1","client":"c","command":"snapshot","arguments":{"after":"x","encoding":1}}"#
    #expect(try Command.parse(Data(odd.utf8)).get().scope == SnapshotScope())
    let plain = Command(id: "1", client: "c", request: .snapshot)
    #expect(!String(decoding: plain.frame, as: UTF8.self).contains("arguments"))
  }
}
