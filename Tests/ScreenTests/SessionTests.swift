import Foundation
import History
import Run
import Screen
import TestSupport
import Testing
import Wire

/// A connection whose events a test provides.
private final class FakeConnection: RunConnection {
  var news: [ConnectionEvent] = []
  var sent: [Command.Request] = []
  var ids: [String] = []
  let fileDescriptor: Int32 = -1

  func poll() -> [ConnectionEvent] {
    defer { news = [] }
    return news
  }

  func send(_ request: Command.Request, id: String) {
    sent.append(request)
    ids.append(id)
  }
}

@Suite struct SessionTests {
  /// A run that does not exist.
  private let nowhere = RunDirectory(name: "none", parent: "/nonexistent")

  @Test("a snapshot brings the run, messages carry it on")
  func follows() throws {
    let connection = FakeConnection()
    let session = RunSession(place: .here(nowhere), client: "test") { connection }
    var state = RunViewState()
    let record = SampleRun.record(steps: 10)
    connection.news = [.connected(record.snapshot(sequence: 1))]
    #expect(session.poll(&state, now: 0))
    #expect(state.link == .live)
    #expect(session.record == record)
    connection.news = [.message(.step(SampleRun.sample(11, of: 4000)))]
    #expect(session.poll(&state, now: 1))
    #expect(session.record?.samples.last?.step == 11)
    #expect(!session.poll(&state, now: 1.1))
  }

  @Test("a command goes out with its values and is pending until answered")
  func commands() throws {
    let connection = FakeConnection()
    let session = RunSession(place: .here(nowhere), client: "test") { connection }
    var state = RunViewState()
    _ = session.poll(&state, now: 0)
    let change = Change.set(SetSchedule(.lr, to: 1e-4, over: 50))
    session.send(.change(change), &state, now: 0)
    #expect(connection.sent == [.change(change)])
    #expect(state.pending.map(\.what) == ["set lr to 1.00e-4 over 50 steps"])
    connection.news = [.reply(Reply(id: connection.ids.first ?? "", outcome: .applied, step: 7))]
    _ = session.poll(&state, now: 1)
    #expect(state.pending.isEmpty)
    #expect(state.notice?.text.hasSuffix("applied at step 7") == true)
  }

  @Test("where the daemon is gone, the run is shown from its database")
  func ends() throws {
    let parent = TemporaryFolder()
    defer { withExtendedLifetime(parent) {} }
    let directory = RunDirectory(name: "ended", parent: parent.path)
    try directory.create()
    let writer = try HistoryWriter(directory: directory)
    for step in 1...3 { try writer.append(SampleRun.sample(step, of: 3)) }
    try writer.set(SampleRun.status(3, of: 3, state: .finished))
    try writer.close()
    let connection = FakeConnection()
    var isThere = true
    let session = RunSession(place: .here(directory), client: "test") { isThere ? connection : nil }
    var state = RunViewState()
    connection.news = [.connected(SampleRun.record(steps: 2).snapshot(sequence: 1))]
    _ = session.poll(&state, now: 0)
    #expect(state.link == .live)
    isThere = false
    connection.news = [.lost(reason: "nothing heard for 5 s")]
    _ = session.poll(&state, now: 10)
    #expect(state.link == .lost(since: 10, reason: "nothing heard for 5 s"))
    #expect(session.poll(&state, now: 11))
    #expect(state.link == .history)
    #expect(session.record?.status.state == .finished)
    #expect(session.record?.samples.count == 3)
    // A daemon that resumes the run is found too.
    isThere = true
    #expect(session.poll(&state, now: 20))
    #expect(state.link == .connecting)
  }

  @Test("a run that is nowhere is said to be so")
  func nothing() {
    let session = RunSession(place: .here(nowhere), client: "test") { nil }
    var state = RunViewState()
    #expect(session.poll(&state, now: 0))
    #expect(session.record == nil)
    #expect(state.notice?.text.contains("does not exist") == true)
  }
}
