import CZeroMQ
import FoundationEssentials
import Run
import TestSupport
import Testing
import Wire

#if canImport(Glibc)
  import Glibc
#endif

@Suite(.timeLimit(.minutes(20))) struct FollowingTests {
  @Test("one who comes late gets the run so far, then every message once")
  func lateJoiner() throws {
    let test = try TestServer(record: Example.record(steps: 20))
    for step in 21...500 { test.server.publish(.step(Example.sample(step))) }
    let viewer = TestViewer(try test.client())
    try viewer.follow { !$0.snapshots.isEmpty }
    for step in 501...1500 {
      test.server.publish(.step(Example.sample(step)))
      // The viewer sets the pace, so that the mailbox never fills, however busy the machine is.
      if step % 100 == 0 { try viewer.follow { $0.record!.status.step >= step - 100 } }
    }
    try viewer.follow { $0.record?.samples.last?.step == 1500 }
    #expect(viewer.record?.samples == Example.record(steps: 1500).samples)
    #expect(viewer.snapshots.count == 1)
    #expect(viewer.losses.isEmpty)
  }

  @Test("two viewers come to the same record, which is the server's")
  func twoViewers() throws {
    let test = try TestServer()
    let first = TestViewer(try test.client())
    try first.follow { !$0.snapshots.isEmpty }
    for message in Example.messages { test.server.publish(message) }
    let second = TestViewer(try test.client())
    try second.follow { !$0.snapshots.isEmpty }
    test.server.publish(.event(Example.event("last")))
    for viewer in [first, second] {
      try viewer.follow { $0.record?.events.last?.text == "last" }
    }
    var expected = Example.record()
    for message in Example.messages { expected.apply(message) }
    expected.append(Example.event("last"))
    #expect(first.record == expected)
    #expect(second.record == expected)
  }

  @Test("a viewer that does not read holds nobody up, and joins anew over the hole")
  func slowViewer() throws {
    let test = try TestServer()
    let slow = TestViewer(try test.client())
    let quick = TestViewer(try test.client())
    for viewer in [slow, quick] { try viewer.follow { !$0.snapshots.isEmpty } }
    // More messages than fit into all queues and the system's buffers. The quick viewer sets the
    // pace, so that the mailbox, which drops steps too, never fills, however busy the machine is.
    for step in 1...30_000 {
      test.server.publish(.step(Example.sample(step)))
      if step % 200 == 0 { try quick.follow { $0.record!.status.step >= step - 1000 } }
    }
    test.server.publish(.event(Example.event("end")))
    for viewer in [quick, slow] {
      try viewer.follow { $0.record?.events.last?.text == "end" }
      #expect(viewer.record?.status.step == 30_000)
    }
    #expect(slow.snapshots.count > 1)
  }

  @Test("a heartbeat comes when nothing else does")
  func heartbeat() throws {
    let test = try TestServer()
    let viewer = TestViewer(try test.client())
    try viewer.follow { $0.messages.count >= 2 }
    for message in viewer.messages {
      #expect(message == .heartbeat(Heartbeat(state: .running, step: 0)))
    }
  }

  @Test("a new subscriber hears a heartbeat at once, however busy the feed is")
  func welcome() throws {
    let test = try TestServer()
    // The feed has begun before the new subscription.
    let earlier = TestViewer(try test.client())
    test.server.publish(.event(Example.event("first")))
    try earlier.follow { $0.record?.events.last?.text == "first" }
    let feed = try ZeroMQSocket(ZeroMQContext(), ZMQ_SUB)
    feed.set(ZMQ_LINGER, 0)
    feed.subscribe("heartbeat")
    try feed.connect(test.folder.endpoints.feed)
    var frames: [Data]?
    // The messages leave no second of silence, which would cause a heartbeat too.
    for _ in 0..<500 where frames == nil {
      test.server.publish(.event(Example.event("busy")))
      if feed.wait(for: Int32(ZMQ_POLLIN), seconds: 0.02) { frames = feed.receive() }
    }
    #expect(try FeedCoding.decode(#require(frames)).seq > 1)
  }

  @Test("a viewer that was there before the daemon, and outlives it, joins the next one")
  func restart() throws {
    let folder = TemporaryFolder()
    let viewer = TestViewer(try RunClient(endpoints: folder.endpoints, client: "test"))
    #expect(throws: WireError.notRunning(endpoint: folder.endpoints.control)) {
      try viewer.client.send(.change(.pause))
    }
    for (round, steps) in [7, 4].enumerated() {
      let server = try RunServer(
        endpoints: folder.endpoints, record: Example.record(steps: steps)
      ) { Reply(id: $0.id, outcome: .rejected, reason: "no") }
      try viewer.follow { $0.snapshots.count > round }
      #expect(viewer.record?.samples.count == steps)
      server.publish(.step(Example.sample(steps + 1)))
      try viewer.follow { $0.record?.samples.count == steps + 1 }
      server.stop()
    }
  }

  @Test("a viewer tells that it has lost its daemon", .timeLimit(.minutes(20)))
  func loss() throws {
    let test = try TestServer()
    let viewer = TestViewer(try test.client())
    try viewer.follow { !$0.snapshots.isEmpty }
    test.server.stop()
    try viewer.follow { !$0.losses.isEmpty }
    #expect(viewer.losses == ["the daemon has sent nothing for 5 s"])
  }

  @Test("what was published before a stop arrives, and the sockets' files are gone")
  func stopping() throws {
    let test = try TestServer()
    let viewer = TestViewer(try test.client())
    try viewer.follow { !$0.snapshots.isEmpty }
    for step in 1...300 { test.server.publish(.step(Example.sample(step))) }
    test.server.stop()
    test.server.stop()
    test.server.publish(.event(Example.event("too late")))
    try viewer.follow { $0.record?.samples.count == 300 }
    for name in ["feed", "control"] {
      #expect(access("\(test.folder.path)/s/\(name)", F_OK) != 0)
    }
  }

  @Test("servers and clients leave no thread and no descriptor behind")
  func noLeaks() throws {
    func count(_ folder: String) -> Int {
      guard let entries = opendir(folder) else { return -1 }
      defer { closedir(entries) }
      var count = 0
      while readdir(entries) != nil { count += 1 }
      return count
    }
    // Other tests open and close files and threads at the same time, so only a leak in every round
    // is detected.
    let before = (count("/proc/self/task"), count("/proc/self/fd"))
    for _ in 0..<40 {
      let test = try TestServer()
      let viewer = TestViewer(try test.client())
      try viewer.follow { !$0.snapshots.isEmpty }
    }
    #expect(count("/proc/self/task") < before.0 + 40)
    #expect(count("/proc/self/fd") < before.1 + 40 * 3)
  }
}
