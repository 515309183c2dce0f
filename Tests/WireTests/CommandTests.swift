import FoundationEssentials
import Run
import TestSupport
import Testing
import Wire

@Suite(.timeLimit(.minutes(20))) struct CommandTests {
  @Test("a command is accepted, handed over as sent, and applied when the trainer says so")
  func applied() throws {
    let test = try TestServer()
    let viewer = TestViewer(try test.client())
    try viewer.follow { !$0.snapshots.isEmpty }
    let id = try viewer.client.send(.change(.set(SetSchedule(.lr, to: 1e-4, over: 50))))
    try viewer.follow { $0.replies.count == 1 }
    #expect(viewer.replies == [Reply(id: id, outcome: .accepted)])
    #expect(
      test.asked.all == [
        ChangeRequest(
          id: id, client: "test (a@b)", change: .set(SetSchedule(.lr, to: 1e-4, over: 50)))
      ])
    test.server.answer(Reply(id: id, outcome: .applied, step: 12))
    try viewer.follow { $0.replies.count == 2 }
    #expect(viewer.replies[1] == Reply(id: id, outcome: .applied, step: 12))
  }

  @Test("the answer goes to the client that asked and to no other")
  func routing() throws {
    let test = try TestServer()
    let viewers = [TestViewer(try test.client()), TestViewer(try test.client())]
    for viewer in viewers { try viewer.follow { !$0.snapshots.isEmpty } }
    let id = try viewers[0].client.send(.change(.pause))
    try viewers[0].follow { $0.replies.count == 1 }
    test.server.answer(Reply(id: id, outcome: .applied, step: 1))
    test.server.publish(.event(Example.event("after")))
    try viewers[0].follow { $0.replies.count == 2 }
    try viewers[1].follow { $0.record?.events.count == 1 }
    #expect(viewers[1].replies.isEmpty)
  }

  @Test("a repeated id is not carried out again and gets the last answer, from any client")
  func repeated() throws {
    let test = try TestServer()
    let command = #"{"v":2,"id":"a","client":"x","command":"pause"}"#
    let first = try RawClient(test.folder.endpoints)
    first.send(command)
    #expect(try first.reply().outcome == .accepted)
    first.send(command)
    #expect(try first.reply().outcome == .accepted)
    let second = try RawClient(test.folder.endpoints)
    second.send(command)
    #expect(try second.reply().outcome == .accepted)
    test.server.answer(Reply(id: "a", outcome: .applied, step: 5))
    #expect(try second.reply() == Reply(id: "a", outcome: .applied, step: 5))
    first.send(command)
    #expect(try first.reply() == Reply(id: "a", outcome: .applied, step: 5))
    #expect(test.asked.all.count == 1)
  }

  @Test("a command that an earlier daemon carried out is not carried out again")
  func repeatedAfterRestart() throws {
    var record = Example.record()
    record.append(Example.entry)
    let test = try TestServer(record: record)
    let client = try RawClient(test.folder.endpoints)
    client.send(
      #"{"v":2,"id":"j","client":"x","command":"set","arguments":{"metric":"lr","value":0.1}}"#)
    #expect(try client.reply() == Reply(id: "j", outcome: .applied, step: 8))
    #expect(test.asked.all.isEmpty)
  }

  @Test("who may look on may ask what a change would cost, and change nothing")
  func roles() throws {
    let test = try TestServer(role: .viewer)
    let client = try RawClient(test.folder.endpoints)
    client.send(#"{"v":2,"id":"1","command":"pause"}"#)
    #expect(try client.reply().reason == "pause is for the operator of a run, and you are a viewer")
    client.send(#"{"v":2,"id":"2","command":"phase","arguments":{"to":"next"},"preview":true}"#)
    #expect(try client.reply().outcome == .accepted)
    #expect(test.asked.all.map(\.isPreview) == [true])
  }

  @Test("hello, status and snapshot are answered without the trainer")
  func answered() throws {
    let test = try TestServer(record: Example.record(steps: 3))
    let client = try RawClient(test.folder.endpoints)
    client.send(#"{"v":99,"id":"1","client":"x","command":"hello"}"#)
    #expect(
      try client.reply() == Reply(id: "1", outcome: .ok, version: protocolVersion, run: "run"))
    client.send(#"{"v":2,"id":"2","client":"x","command":"status"}"#)
    #expect(try client.reply().status?.step == 3)
    client.send(#"{"v":2,"id":"3","client":"x","command":"snapshot"}"#)
    #expect(try client.reply().snapshot?.samples == Example.record(steps: 3).samples)
    #expect(test.asked.all.isEmpty)
  }

  @Test("a REQ socket's empty frame is given back")
  func request() throws {
    let test = try TestServer()
    let client = try RawClient(test.folder.endpoints)
    client.send([Data(), Data(#"{"v":2,"id":"1","command":"hello"}"#.utf8)])
    let frames = try #require(client.receive())
    #expect(frames.count == 2 && frames[0].isEmpty)
  }

  @Test("the shell's way waits until a command is applied, rejected, or too late")
  func shell() async throws {
    let folder = TemporaryFolder()
    #expect(throws: WireError.notRunning(endpoint: folder.endpoints.control)) {
      try RunClient.request(.change(.pause), at: folder.endpoints, client: "t")
    }
    let server = try RunServer(endpoints: folder.endpoints, record: Example.record()) {
      Reply(
        id: $0.id, outcome: $0.change == .stop ? .rejected : .accepted,
        reason: $0.change == .stop ? "not now" : nil)
    }
    let status = try RunClient.request(.status, at: folder.endpoints, client: "t")
    #expect(status?.outcome == .ok)
    let stop = try RunClient.request(.change(.stop), at: folder.endpoints, client: "t")
    #expect(stop?.reason == "not now")
    #expect(throws: WireError.timedOut(seconds: 0.2, accepted: true)) {
      try RunClient.request(
        .change(.pause), at: folder.endpoints, client: "t", timeout: 0.2, patience: 0.2)
    }
    withExtendedLifetime(server) {}
  }

  @Test("applied reaches the shell's way too")
  func shellApplied() throws {
    let folder = TemporaryFolder()
    let ids = TestServer.Asked()
    let server = try RunServer(endpoints: folder.endpoints, record: Example.record()) { command in
      ids.commands.withLock { $0.append(command) }
      return Reply(id: command.id, outcome: .accepted)
    }
    let trainer = Trainer(server: server, asked: ids)
    trainer.start()
    let reply = try RunClient.request(
      .change(.set(SetSchedule(.lr, to: 0.1))), at: folder.endpoints, client: "t")
    trainer.join()
    #expect(reply?.outcome == .applied && reply?.step == 9)
  }
}
