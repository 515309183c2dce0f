import CZeroMQ
import Control
import FoundationEssentials
import History
import Run
import Support
import Synchronization
import TestSupport
import Testing
import Wire

#if canImport(Glibc)
  import Glibc
#endif

/// Tests with a gate. They run one at a time, because each waits for other threads, and several at once
/// would block those on which other tests run.
@Suite(.serialized) enum Gates {}

/// A machine with one run, `moths`, whose daemon accepts every change, and a gate to it.
final class TestHost {
  /// What the daemon was asked, and what the gate said.
  final class Notes: Sendable {
    let requests = Mutex<[ChangeRequest]>([])
    let lines = Mutex<[String]>([])

    var asked: [ChangeRequest] { requests.withLock { $0 } }
    var said: String { lines.withLock { $0.joined(separator: "\n") } }
  }

  let folder = TemporaryFolder()
  let notes = Notes()
  let keys: CurveKeyPair
  let address: GateAddress
  private(set) var daemon: RunServer?
  private var lock: RunLock?
  private let gate: GateThread
  private var authorized = AuthorizedKeys()

  init() throws {
    keys = try CurveKeyPair()
    let (file, runs, notes) = (folder.file("authorized-keys"), folder.file("runs"), notes)
    (address, gate) = try Self.listening(keys, file, runs) { line in
      notes.lines.withLock { $0.append(line) }
    }
    try beginDaemon()
  }

  /// Listens at a port that nobody uses, and the one after it.
  private static func listening(
    _ keys: CurveKeyPair, _ file: String, _ runs: String,
    _ say: @escaping @Sendable (String) -> Void
  ) throws -> (GateAddress, GateThread) {
    for _ in 0..<50 {
      let address = GateAddress("tcp://127.0.0.1:\(Int.random(in: 10_000...16_000) * 2)")!
      if let gate = try? Gate(address, own: keys, authorized: file, runs: runs, say: say) {
        return (address, try GateThread(gate))
      }
    }
    throw WireError.system("no port is free")
  }

  deinit { gate.stop() }

  var run: RunDirectory { RunDirectory(name: "moths", parent: folder.file("runs")) }

  /// Begins the daemon, with its lock, sockets and database.
  func beginDaemon() throws {
    lock = try RunLock(directory: run)
    let writer = try HistoryWriter(directory: run)
    for step in 1...3 { try writer.append(SampleRun.sample(step, of: 100)) }
    try writer.set(SampleRun.status(3, of: 100, state: .running, name: "moths"))
    try writer.close()
    let notes = notes
    daemon = try RunServer(
      endpoints: RunEndpoints(feed: run.feedEndpoint, control: run.controlEndpoint),
      record: SampleRun.record(steps: 3, of: 100, name: "moths")
    ) { request in
      notes.requests.withLock { $0.append(request) }
      return Reply(id: request.id, outcome: .applied, step: 4)
    }
  }

  /// Ends the daemon as if it was killed.
  func endDaemon() {
    daemon?.stop()
    (daemon, lock) = (nil, nil)
  }

  /// Lets a new key in. Returns how its owner reaches the run.
  func letIn(
    _ name: String, as role: ClientRole, own: CurveKeyPair? = nil
  ) throws -> RunEndpoints {
    let own = try own ?? CurveKeyPair()
    try authorized.grant(name: name, role: role.rawValue, key: "\(own.publicKey)")
    try authorized.write(folder.file("authorized-keys"))
    let endpoints = endpoints(own)
    // The gate reads its file once a second.
    try until("\(name) is let in") { (try? ask(.hello, endpoints, timeout: 1))?.client == name }
    return endpoints
  }

  func shutOut(_ name: String) throws {
    let was = authorized.revoke(name)
    #expect(was)
    try authorized.write(folder.file("authorized-keys"))
  }

  func endpoints(_ own: CurveKeyPair, server: CurveKey? = nil) -> RunEndpoints {
    RunEndpoints(
      feed: address.feed, control: address.control, run: "moths",
      keys: CurveClient(own: own, server: server ?? keys.publicKey))
  }

  /// Sends a request and waits for its final reply.
  func ask(
    _ request: Command.Request, _ endpoints: RunEndpoints, client: String = "liar (root@evil)",
    timeout: Double = 5
  ) throws -> Reply? {
    try RunClient.request(request, at: endpoints, client: client, timeout: timeout)
  }

  /// Opens a plain TCP connection to the port of commands. Returns its descriptor.
  func connection() -> Int32 {
    let file = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var place = sockaddr_in()
    place.sin_family = sa_family_t(AF_INET)
    place.sin_port = in_port_t(UInt16(address.port).bigEndian)
    place.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    _ = withUnsafePointer(to: &place) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(file, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    return file
  }
}

/// The thread of a gate.
final class GateThread: @unchecked Sendable {
  private let gate: Gate
  private let isStopping = Mutex(false)
  private var thread: PosixThread?

  init(_ gate: Gate) throws {
    self.gate = gate
    thread = try PosixThread { [unowned self] in
      while !isStopping.withLock({ $0 }) { self.gate.turn() }
      self.gate.close()
    }
  }

  func stop() {
    isStopping.withLock { $0 = true }
    thread?.join()
    thread = nil
  }
}

/// A viewer that keeps what it has received.
final class Viewer {
  let client: RunClient
  var record: RunRecord?
  var connections = 0
  var losses = 0

  init(_ endpoints: RunEndpoints) throws {
    client = try RunClient(endpoints: endpoints, client: "viewer")
  }

  /// Receives until a condition holds.
  func follow(_ what: String, until isDone: (Viewer) -> Bool) throws {
    try until(what) {
      for event in try client.poll() {
        switch event {
        case .connected(let snapshot):
          record = RunRecord(snapshot: snapshot, onto: record)
          connections += 1
        case .message(let message): record?.apply(message)
        case .lost: losses += 1
        case .reply: break
        }
      }
      return isDone(self)
    }
  }
}

/// Waits until a condition holds. Fails after half a minute.
func until(_ what: String, _ condition: () throws -> Bool) throws {
  let end = Clock.monotonic() + 30
  while try !condition() {
    try #require(Clock.monotonic() < end, "not in time: \(what)")
    usleep(5000)
  }
}
