import CZeroMQ
import Control
import FoundationEssentials
import Run
import Support
import Synchronization
import TestSupport
import Testing
import Wire

#if canImport(Glibc)
  import Glibc
#endif

extension Gates {
  /// What a gate must survive.
  @Suite(.timeLimit(.minutes(20))) struct HostileTests {
    @Test("what is no command costs its sender the connection, and no other")
    func garbage() throws {
      let host = try TestHost()
      let (anna, bob) = (try host.letIn("anna", as: .owner), try host.letIn("bob", as: .viewer))
      let viewer = try Viewer(bob)
      try viewer.follow("it") { $0.record != nil }
      for frames in [["{}"], ["nonsense"], ["a", "b", "c"]] {
        let sender = try RawClient(anna)
        #expect(try sender.isConnected())
        sender.send(frames)
        try until("\(frames) costs the connection") { try sender.wasDisconnected() }
      }
      // The limit is ZeroMQ's own business; it does not reach the gate.
      let sender = try RawClient(anna)
      #expect(try sender.isConnected())
      sender.send([String(repeating: "x", count: 1 << 17)])
      try until("a large frame costs the connection") { try sender.wasDisconnected() }
      host.daemon!.publish(.step(SampleRun.sample(4, of: 100)))
      try viewer.follow("the next step") { $0.record?.samples.last?.step == 4 }
      #expect(viewer.connections == 1)
      #expect(try host.ask(.hello, anna)?.client == "anna")
      #expect(host.notes.asked.isEmpty)
    }

    @Test("a flood of connections keeps those out of it that are connected, and ends")
    func flood() throws {
      let host = try TestHost()
      let eve = try host.letIn("eve", as: .viewer)
      let viewer = try Viewer(eve)
      try viewer.follow("it") { $0.record != nil }
      let before = openFiles()
      let flood = (0..<600).map { _ in host.connection() }
      defer { for file in flood { close(file) } }
      host.daemon!.publish(.step(SampleRun.sample(4, of: 100)))
      try viewer.follow("a step in the flood") { $0.record?.samples.last?.step == 4 }
      // The test's own ends are among them. The gate holds its limit, and what came while it looked.
      #expect(openFiles() - before - flood.count < 400)
      // Those that prove no key are ended after the handshake's time, and others are let in.
      try until("somebody is let in again") { (try? host.ask(.hello, eve, timeout: 2)) != nil }
      #expect(viewer.connections == 1)
    }

    @Test("a connection that proves no key is ended after some seconds")
    func halfOpen() throws {
      let host = try TestHost()
      let file = host.connection()
      defer { close(file) }
      var byte: UInt8 = 0
      var greeting = 0
      let start = Clock.monotonic()
      // ZeroMQ sends its greeting first. Then the other side closes.
      while read(file, &byte, 1) > 0 { greeting += 1 }
      #expect(Clock.monotonic() - start < 20)
      #expect(greeting < 200)
    }

    @Test("what was recorded of a client's connection is worth nothing on another")
    func replayed() throws {
      let host = try TestHost()
      let anna = try host.letIn("anna", as: .operator)
      let recorder = try Recorder(to: host)
      var through = anna
      through.control = "tcp://127.0.0.1:\(recorder.port)"
      #expect(try host.ask(.change(.note(Note("once"))), through)?.outcome == .applied)
      let bytes = recorder.recorded
      #expect(bytes.count > 500)
      // Nothing of the command can be read on the way.
      #expect(bytes.firstRange(of: Data("once".utf8)) == nil)
      #expect(bytes.firstRange(of: Data("note".utf8)) == nil)
      let file = host.connection()
      defer { close(file) }
      _ = bytes.withUnsafeBytes { write(file, $0.baseAddress!, $0.count) }
      var answer = [UInt8](repeating: 0, count: 4096)
      while read(file, &answer, answer.count) > 0 {}
      #expect(host.notes.asked.count == 1)
    }

    @Test("a client that asks without end is told to wait, and others are answered")
    func budget() throws {
      let host = try TestHost()
      let (anna, bob) = (try host.letIn("anna", as: .viewer), try host.letIn("bob", as: .viewer))
      let greedy = try RawClient(anna)
      #expect(try greedy.isConnected())
      func ask(_ number: Int) {
        greedy.send([#"{"v": 2, "id": "\#(number)", "command": "hello"}"#])
      }
      // One after the other, since of many at once not all replies find room.
      var answered = 0
      var refused: Reply?
      for number in 0..<300 where refused == nil {
        ask(number)
        let reply = try greedy.reply()
        if reply.outcome == .ok { answered += 1 } else { refused = reply }
      }
      #expect(answered >= 20)
      #expect(refused?.reason == "too many requests; 20 a second are answered")
      for number in 300..<600 { ask(number) }
      #expect(try host.ask(.hello, bob)?.outcome == .ok)
    }

    @Test("a client that subscribes without end loses its connection, and others keep theirs")
    func subscriptions() throws {
      let host = try TestHost()
      let eve = try host.letIn("eve", as: .viewer)
      let viewer = try Viewer(eve)
      try viewer.follow("it") { $0.record != nil }
      let greedy = try RawClient(eve, ZMQ_SUB, at: eve.feed)
      for number in 0..<256 { greedy.subscribe("moths/\(number)") }
      #expect(try greedy.isConnected())
      usleep(300_000)
      #expect(try !greedy.wasDisconnected())
      greedy.subscribe("moths/256")
      try until("it is disconnected") { try greedy.wasDisconnected() }
      host.daemon!.publish(.step(SampleRun.sample(4, of: 100)))
      try viewer.follow("the next step") { $0.record?.samples.last?.step == 4 }
      #expect(viewer.connections == 1 && viewer.losses == 0)
    }

    /// The number of files that this process has open.
    private func openFiles() -> Int {
      (try? FileSystem.names(in: "/proc/self/fd").count) ?? 0
    }
  }
}

/// A client that can send what a proper one never would.
final class RawClient {
  private let socket: ZeroMQSocket
  private let monitor: ConnectionMonitor

  init(_ endpoints: RunEndpoints, _ type: Int32 = ZMQ_DEALER, at endpoint: String? = nil) throws {
    let context = try ZeroMQContext()
    socket = try ZeroMQSocket(context, type)
    socket.set(ZMQ_LINGER, 0)
    if type == ZMQ_DEALER { socket.set(ZMQ_IMMEDIATE, 1) }
    socket.encrypt(as: endpoints.keys!)
    monitor = try ConnectionMonitor(
      socket, context, name: "raw",
      events: ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED)
    try socket.connect(endpoint ?? endpoints.control)
  }

  func subscribe(_ topic: String) { socket.subscribe(topic) }

  deinit {
    monitor.socket.close()
    socket.close()
  }

  /// Waits until it is connected.
  func isConnected() throws -> Bool {
    try until("connected") { monitor.next()?.kind == ZMQ_EVENT_HANDSHAKE_SUCCEEDED }
    return true
  }

  /// Returns whether the connection has ended since it was last asked.
  func wasDisconnected() throws -> Bool { monitor.next()?.kind == ZMQ_EVENT_DISCONNECTED }

  func send(_ frames: [String]) {
    _ = socket.wait(for: Int32(ZMQ_POLLOUT), seconds: 5)
    socket.send(frames.map { Data($0.utf8) })
  }

  func reply() throws -> Reply {
    var frames: [Data]?
    try until("a reply") {
      frames = socket.receive()
      return frames != nil
    }
    return try ReplyCoding.decode(frames!.filter { !$0.isEmpty })
  }
}

/// Stands between one client and a gate, and keeps what the client sends.
final class Recorder: Sendable {
  private let bytes = Mutex(Data())
  let port: Int

  init(to host: TestHost) throws {
    let (server, port) = Self.listen()
    self.port = port
    let target = host.connection()
    let keep: @Sendable (UnsafeRawBufferPointer) -> Void = { [bytes = Keeper(self)] in bytes.add($0)
    }
    try PosixThread {
      let client = accept(server, nil, nil)
      var files = [
        pollfd(fd: client, events: Int16(POLLIN), revents: 0),
        pollfd(fd: target, events: Int16(POLLIN), revents: 0),
      ]
      var buffer = [UInt8](repeating: 0, count: 1 << 16)
      while poll(&files, 2, 20_000) > 0 {
        for (number, other) in [(0, target), (1, client)] where files[number].revents != 0 {
          let count = read(files[number].fd, &buffer, buffer.count)
          guard count > 0 else {
            for file in [client, target, server] { close(file) }
            return
          }
          buffer.withUnsafeBytes { all in
            let part = UnsafeRawBufferPointer(rebasing: all[..<count])
            if number == 0 { keep(part) }
            _ = write(other, part.baseAddress!, count)
          }
        }
      }
    }.detach()
  }

  /// Listens at a free port. Returns the descriptor and the port.
  private static func listen() -> (server: Int32, port: Int) {
    let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var place = sockaddr_in()
    place.sin_family = sa_family_t(AF_INET)
    place.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let port = withUnsafeMutablePointer(to: &place) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(server, address, size)
        Glibc.listen(server, 1)
        getsockname(server, address, &size)
      }
      return Int(UInt16(bigEndian: $0.pointee.sin_port))
    }
    return (server, port)
  }

  /// What the client has sent so far.
  var recorded: Data { bytes.withLock { $0 } }

  /// Lets the thread keep bytes without holding the recorder.
  private struct Keeper: Sendable {
    weak let recorder: Recorder?
    init(_ recorder: Recorder) { self.recorder = recorder }
    func add(_ part: UnsafeRawBufferPointer) {
      recorder?.bytes.withLock { $0.append(contentsOf: part) }
    }
  }
}
