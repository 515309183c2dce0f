import FoundationEssentials
import Run
import TestSupport
import Testing
import Wire

#if canImport(Glibc)
  import Glibc
#endif

@Suite(.timeLimit(.minutes(20))) struct BadInputTests {
  private static func set(_ arguments: String) -> String {
    #"{"v":2,"id":"a","command":"set","arguments":{\#(arguments)}}"#
  }

  /// Each message, with a part of the reason for its rejection.
  static let bad: [(String, String)] = [
    ("", "not a command"),
    ("[]", "not a command"),
    ("{\"id\":", "not a command"),
    (#"{"v":2,"id":7,"command":"pause"}"#, "not a command"),
    (#"{"v":2,"command":"pause"}"#, "needs an id"),
    (#"{"v":2,"id":"","command":"pause"}"#, "needs an id"),
    (#"{"v":2,"id":"a\u001b[2J","command":"pause"}"#, "needs an id"),
    (#"{"id":"a","command":"pause"}"#, "version missing"),
    (#"{"v":1,"id":"a","command":"pause"}"#, "version 1 is not supported; this daemon"),
    (#"{"v":2,"id":"a"}"#, "unknown command (none)"),
    (#"{"v":2,"id":"a","command":"reboot"}"#, "unknown command \"reboot\"; there are hello"),
    (#"{"v":2,"id":"a","command":"set"}"#, "set needs metric: which schedule"),
    (set(#""metric":"speed","value":1"#), "no metric 'speed' to change; there are lr"),
    (set(#""metric":"gflops","value":1"#), "no metric 'gflops' to change"),
    (set(#""metric":"lr","value":4"#), "lr must be from 0.0 to 1.0"),
    (set(#""metric":"lr","value":"nan""#), "lr must be from"),
    (set(#""metric":"lr","value":"much""#), "'much' is not a number; give a number such as 1e-4"),
    (set(#""metric":7,"value":1"#), "metric must be text, not a number"),
    (set(#""metric":"lr","vaule":0.1"#), "set has no argument vaule; it takes metric, value, over"),
    (set(#""metric":"lr","value":0.1,"over":-1"#), "over must be"),
    (set(#""metric":"lr","value":0.1,"over":1.5"#), "over must be a whole number"),
    (set(#""metric":"lr","value":0.1,"over":1e12"#), "over must be"),
    (#"{"v":2,"id":"a","command":"pause","arguments":{"x":1}}"#, "no argument x; it takes none"),
    (#"{"v":2,"id":"a","command":"note"}"#, "note needs text: the text of the note"),
    (#"{"v":2,"id":"a","command":"note","arguments":{"text":"a\nb"}}"#, "printable"),
    (
      #"{"v":2,"id":"a","command":"phase","arguments":{"steps":0}}"#, "steps must be a whole number"
    ),
  ]

  @Test("a bad command is rejected with a reason that says how to do it right")
  func table() throws {
    let test = try TestServer()
    let client = try RawClient(test.folder.endpoints)
    for (text, reason) in Self.bad {
      client.send(text)
      let reply = try client.reply()
      #expect(reply.outcome == .rejected, "\(text)")
      #expect(reply.reason?.contains(reason) == true, "\(text): \(reply.reason ?? "")")
    }
    client.send(#"{"v":2,"id":"a","command":"set","arguments":{"metric":"lr"},"extra":{}}"#)
    #expect(try client.reply().outcome == .accepted)
    #expect(test.asked.all.count == 1)
  }

  @Test("control characters in a client's name do not reach the journal")
  func clientName() throws {
    let test = try TestServer()
    let client = try RawClient(test.folder.endpoints)
    client.send(#"{"v":2,"id":"a","client":"x\u001b[31m\ny","command":"pause"}"#)
    #expect(try client.reply().outcome == .accepted)
    #expect(test.asked.all.map(\.client) == [#"x\x1b[31m\ny"#])
  }

  @Test("a message of too many bytes or frames is rejected, a huge one ends its connection")
  func size() throws {
    let test = try TestServer()
    let client = try RawClient(test.folder.endpoints)
    client.send([Data(repeating: 32, count: Command.sizeLimit + 1)])
    #expect(try client.reply().reason?.contains("at most 65536") == true)
    client.send(Array(repeating: Data("x".utf8), count: 1000))
    #expect(try client.reply().outcome == .rejected)
    client.send([Data(repeating: 32, count: 8 << 20)])
    let other = try RawClient(test.folder.endpoints)
    other.send(#"{"v":2,"id":"1","command":"hello"}"#)
    #expect(try other.reply().outcome == .ok)
  }

  @Test("the server lives through 2,000 random messages and answers the one after them")
  func fuzz() throws {
    let test = try TestServer()
    let client = try RawClient(test.folder.endpoints)
    var random = SplitMix(state: 1)
    let pieces = [
      "{", "}", "[", "\"id\":", "\"v\":1", ",", "\"command\":\"set\"",
      "\"arguments\":{\"metric\":\"lr\"", "null",
      "\"value\":1e999", "\u{0}", "\"a\"", "\\u0000", "9".description,
    ]
    for round in 0..<2000 {
      let frames = (0..<1 + Int(random.next() % 3)).map { _ in
        if round % 2 == 0 {
          return Data(
            (0..<random.next() % 200).map { _ in UInt8(truncatingIfNeeded: random.next()) })
        }
        let words = (0..<random.next() % 20).map { _ in
          pieces[Int(random.next() % UInt64(pieces.count))]
        }
        return Data(words.joined().utf8)
      }
      client.send(frames)
      // Wait for each reply, so that the messages cannot fill the queue.
      #expect(try client.reply().outcome == .rejected)
    }
    client.send(#"{"v":2,"id":"last","command":"hello"}"#)
    #expect(try client.reply().id == "last")
    #expect(test.asked.all.isEmpty)
  }

  @Test("the 65th client is turned away, and gets in when another has gone")
  func clientCount() throws {
    let test = try TestServer()
    var clients: [RawClient] = []
    for _ in 0..<64 {
      let client = try RawClient(test.folder.endpoints)
      client.send(#"{"v":2,"id":"1","command":"hello"}"#)
      #expect(try client.reply().outcome == .ok)
      clients.append(client)
    }
    let late = try RawClient(test.folder.endpoints)
    late.send(#"{"v":2,"id":"1","command":"hello"}"#)
    #expect(try late.reply().reason?.contains("64 clients") == true)
    clients.removeFirst(3)
    var outcome = Reply.Outcome.rejected
    for _ in 0..<100 where outcome == .rejected {
      usleep(20_000)
      late.send(#"{"v":2,"id":"1","command":"hello"}"#)
      outcome = try late.reply().outcome
    }
    #expect(outcome == .ok)
  }

  @Test("an endpoint that is too long, or open to other machines, is refused with the remedy")
  func endpoints() throws {
    let folder = TemporaryFolder()
    let long = "ipc://\(folder.path)/\(String(repeating: "x", count: 100))/feed"
    for (endpoint, remedy) in [
      (long, "XDG_RUNTIME_DIR"), ("tcp://0.0.0.0:5555", "dino serve"),
      ("tcp://*:5555", "dino serve"),
      ("tcp://10.0.0.1:5555", "dino serve"), ("tcp://127.0.0.1.example.org:1", "dino serve"),
      ("udp://127.0.0.1:1", "dino serve"),
    ] {
      let error = try #require(throws: WireError.self) {
        try RunServer(
          endpoints: RunEndpoints(feed: endpoint, control: folder.endpoints.control),
          record: Example.record()
        ) { Reply(id: $0.id, outcome: .accepted) }
      }
      #expect(error.description.contains(remedy), "\(error)")
    }
  }

  @Test("a socket folder that is a link is refused, and one that is open is closed to others")
  func folder() throws {
    let folder = TemporaryFolder()
    mkdir(folder.path + "/elsewhere", 0o755)
    symlink(folder.path + "/elsewhere", folder.path + "/s")
    func serve() throws -> RunServer {
      try RunServer(endpoints: folder.endpoints, record: Example.record()) {
        Reply(id: $0.id, outcome: .accepted)
      }
    }
    #expect(throws: WireError.self) { try serve() }
    unlink(folder.path + "/s")
    mkdir(folder.path + "/s", 0o777)
    let server = try serve()
    var facts = stat()
    stat(folder.path + "/s", &facts)
    #expect(facts.st_mode & 0o777 == 0o700)
    withExtendedLifetime(server) {}
  }

  @Test("a loopback port serves as a local socket does")
  func loopback() throws {
    let server = try RunServer(
      endpoints: RunEndpoints(feed: "tcp://127.0.0.1:*", control: "tcp://127.0.0.1:*"),
      record: Example.record(steps: 3)
    ) { Reply(id: $0.id, outcome: .accepted) }
    #expect(!server.endpoints.feed.contains("*"))
    let viewer = TestViewer(try RunClient(endpoints: server.endpoints, client: "t"))
    try viewer.follow { $0.record?.samples.count == 3 }
  }
}
