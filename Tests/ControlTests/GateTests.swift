import CZeroMQ
import Control
import FoundationEssentials
import History
import Run
import Support
import TestSupport
import Testing
import Wire

#if canImport(Glibc)
  import Glibc
#endif

extension Gates {
  @Suite(.timeLimit(.minutes(20))) struct GateTests {
    @Test("a change from afar bears the name of the key, whatever the client calls itself")
    func author() throws {
      let host = try TestHost()
      let anna = try host.letIn("anna", as: .operator)
      let change = Change.set(SetSchedule(.lr, to: 1e-4))
      let reply = try #require(try host.ask(.change(change), anna))
      #expect(reply.outcome == .applied && reply.step == 4)
      #expect(host.notes.asked.map(\.client) == ["anna"])
      #expect(host.notes.asked.map(\.change) == [change])
    }

    @Test("each role may do what it may and nothing more")
    func roles() throws {
      let host = try TestHost()
      let changes: [(Change, ClientRole)] = [
        (.pause, .operator), (.note(Note("x")), .operator), (.stop, .owner),
      ]
      for role in ClientRole.allCases {
        let endpoints = try host.letIn("\(role)", as: role)
        for (change, needed) in changes {
          let reply = try #require(try host.ask(.change(change), endpoints))
          #expect(reply.outcome == (role >= needed ? .applied : .rejected), "\(role) \(change)")
          if role < needed {
            #expect(
              reply.reason
                == "\(change.kind.name) is for the \(needed) of a run, and \(role) is \(role.withArticle)"
            )
          }
        }
        #expect(try host.ask(.status, endpoints)?.status?.name == "moths")
      }
      #expect(host.notes.asked.map(\.change) == [.pause, .note(Note("x"))] + changes.map(\.0))
    }

    @Test("a viewer gets the run so far and every message after it, and joins again by itself")
    func follows() throws {
      let host = try TestHost()
      let viewer = try Viewer(try host.letIn("eve", as: .viewer))
      try viewer.follow("the snapshot") { $0.record != nil }
      for step in 4...60 { host.daemon!.publish(.step(SampleRun.sample(step, of: 100))) }
      try viewer.follow("all steps") { $0.record?.samples.last?.step == 60 }
      #expect(viewer.record?.samples.map(\.step) == Array(1...60))
      #expect(viewer.connections == 1)
      host.endDaemon()
      try viewer.follow("the end") { $0.record?.status.state == .failed }
      #expect(viewer.record?.status.message?.contains("dino start moths") == true)
      try host.beginDaemon()
      try viewer.follow("the next daemon") { $0.record?.status.state == .running }
      host.daemon!.publish(.step(SampleRun.sample(4, of: 100)))
      try viewer.follow("its steps") { $0.record?.samples.last?.step == 4 }
    }

    @Test("those who join a run that others follow take nothing from them")
    func joining() throws {
      let host = try TestHost()
      let eve = try host.letIn("eve", as: .viewer)
      let first = try Viewer(eve)
      try first.follow("the snapshot") { $0.record != nil }
      for step in 4...12 {
        let next = try Viewer(eve)
        host.daemon!.publish(.step(SampleRun.sample(step, of: 100)))
        try next.follow("the run") { $0.record?.samples.last?.step == step }
      }
      try first.follow("all steps") { $0.record?.samples.last?.step == 12 }
      #expect(first.connections == 1)
    }

    @Test("keys that do not fit are refused with a line that says what to do")
    func refused() throws {
      let host = try TestHost()
      _ = try host.letIn("anna", as: .owner)
      let (stranger, other) = (try CurveKeyPair(), try CurveKeyPair())
      #expect(
        throws: WireError.refused(endpoint: host.address.control, key: "\(stranger.publicKey)")
      ) {
        try host.ask(.hello, host.endpoints(stranger), timeout: 1)
      }
      #expect(throws: WireError.otherKey(endpoint: host.address.control)) {
        try host.ask(.hello, host.endpoints(stranger, server: other.publicKey), timeout: 1)
      }
      // Without a key there is no connection at all.
      let plain = RunEndpoints(feed: host.address.feed, control: host.address.control, run: "moths")
      #expect(throws: WireError.notRunning(endpoint: host.address.control)) {
        try host.ask(.hello, plain, timeout: 1)
      }
      #expect(host.notes.said.contains("refused 127.0.0.1: its key may not connect"))
      #expect(host.notes.asked.isEmpty)
    }

    @Test("a key that is revoked loses its connections; the others go on")
    func revoked() throws {
      let host = try TestHost()
      let (anna, bob) = (try host.letIn("anna", as: .operator), try host.letIn("bob", as: .viewer))
      let (first, second) = (try Viewer(anna), try Viewer(bob))
      for viewer in [first, second] { try viewer.follow("it") { $0.record != nil } }
      try host.shutOut("anna")
      try first.follow("the loss") { $0.losses > 0 }
      #expect(throws: WireError.self) { try host.ask(.hello, anna, timeout: 1) }
      host.daemon!.publish(.step(SampleRun.sample(4, of: 100)))
      try second.follow("the next step") { $0.record?.samples.last?.step == 4 }
      #expect(first.record?.samples.last?.step == 3)
      #expect(second.connections == 1 && second.losses == 0)
      #expect(host.notes.said.contains("anna (operator) may no longer connect"))
    }

    @Test("a role that is taken away is gone although the key stays")
    func lesserRole() throws {
      let host = try TestHost()
      let anna = try host.letIn("anna", as: .operator)
      let viewer = try Viewer(anna)
      try viewer.follow("it") { $0.record != nil }
      var keys = AuthorizedKeys()
      try keys.grant(name: "anna", role: "viewer", key: "\(anna.keys!.own.publicKey)")
      try keys.write(host.folder.file("authorized-keys"))
      try until("the role changes") { try host.ask(.hello, anna)?.role == .viewer }
      #expect(try host.ask(.change(.pause), anna)?.outcome == .rejected)
      host.daemon!.publish(.step(SampleRun.sample(4, of: 100)))
      try viewer.follow("the next step") { $0.record?.samples.last?.step == 4 }
      #expect(viewer.connections == 1 && viewer.losses == 0)
    }

    @Test("a name that is given to another key lets go of the first one")
    func otherKey() throws {
      let host = try TestHost()
      let first = try host.letIn("anna", as: .owner)
      let sender = try RawClient(first)
      #expect(try sender.isConnected())
      sender.send([#"{"v": 2, "id": "1", "command": "hello"}"#])
      #expect(try sender.reply().client == "anna")
      var keys = AuthorizedKeys()
      let second = try CurveKeyPair()
      try keys.grant(name: "anna", role: "owner", key: "\(second.publicKey)")
      try keys.write(host.folder.file("authorized-keys"))
      try until("the first key is shut out") { try sender.wasDisconnected() }
      #expect(try host.ask(.hello, host.endpoints(second))?.client == "anna")
    }

    @Test("runs are listed, and one that nobody trains is shown from its database")
    func ended() throws {
      let host = try TestHost()
      let eve = try host.letIn("eve", as: .owner)
      let survey = {
        try HostSurvey.ask(
          [self.known(host)], own: eve.keys!.own, client: "test")[0].runs.get()
      }
      #expect(try survey().map(\.state) == ["running"])
      host.endDaemon()
      #expect(try survey().map(\.state) == ["interrupted"])
      #expect(try survey().map(\.status.step) == [3])
      #expect(try host.ask(.snapshot, eve)?.snapshot?.samples.map(\.step) == [1, 2, 3])
      let reply = try #require(try host.ask(.change(.pause), eve))
      #expect(reply.reason?.contains("resume it with: dino start moths") == true)
      var nowhere = eve
      nowhere.run = "wings"
      #expect(
        try host.ask(.status, nowhere)?.reason == "there is no run 'wings' here; runs lists them")
    }

    @Test("of five hosts, one that does not answer holds nobody up and is named")
    func survey() throws {
      let own = try CurveKeyPair()
      let hosts = try (0..<4).map { _ in try TestHost() }
      for host in hosts { _ = try host.letIn("eve", as: .viewer, own: own) }
      var list = HostList()
      try list.add(name: "down", address: "tcp://127.0.0.1:9", key: "\(own.publicKey)")
      let answers = withExtendedLifetime(hosts) {
        HostSurvey.ask([list[name: "down"]!] + hosts.map(known), own: own, client: "test")
      }
      #expect(answers.map(\.host.name) == ["down", "gpu", "gpu", "gpu", "gpu"])
      #expect(throws: WireError.noGate(endpoint: "tcp://127.0.0.1:9")) {
        try answers[0].runs.get()
      }
      for answer in answers.dropFirst() {
        #expect(try answer.runs.get().map(\.status.name) == ["moths"])
      }
    }

    private func known(_ host: TestHost) -> Host {
      var list = HostList()
      try! list.add(name: "gpu", address: "\(host.address)", key: "\(host.keys.publicKey)")
      return list[name: "gpu"]!
    }
  }
}
