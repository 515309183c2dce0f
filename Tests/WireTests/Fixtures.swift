import CZeroMQ
import FoundationEssentials
import Run
import Synchronization
import TestSupport
import Testing
import Wire

#if canImport(Glibc)
  import Glibc
#endif

extension TemporaryFolder {
  var endpoints: RunEndpoints {
    RunEndpoints(feed: "ipc://\(path)/s/feed", control: "ipc://\(path)/s/control")
  }
}

enum Example {
  static let status = RunStatus(
    name: "run", state: .running, step: 0, steps: 1000,
    phase: PhaseStatus(
      name: "low", index: 0, count: 2, step: 0, steps: 600, globalCropsSize: 32,
      localCropsSize: 16),
    timeLeft: 12.5, startedAt: 1e9, pid: 42, arch: "vit_tiny/4", parameters: 5_500_000,
    data: "embedded", images: 1000, imagesPerStep: 64, runDirectory: "/runs/run")

  static let entry = JournalEntry(
    id: "j", time: 3, step: 8, client: "c", change: .set(SetSchedule(.lr, to: 2e-4)),
    effect: .from(1e-4))

  static let messages: [FeedMessage] = [
    .step(sample(3)), .status(status), .phase(status.phase),
    .eval(
      ProbeResult(
        step: 3, time: 1, name: "knn", values: [.knnLearned: 1 / 3.0], images: 5, classes: 2,
        data: "12ab")),
    .event(RunEvent(time: 1, step: 3, level: .error, kind: "health", text: "é \"quoted\"\n")),
    .journal(entry), .plan([PlannedCurve(metric: .lr, steps: [1, 9], values: [0, 1e-4])]),
    .heartbeat(Heartbeat(state: .paused, step: 3)),
  ]

  static func sample(_ step: Int) -> Sample {
    var values: [Metric: Double] = [:]
    for (index, metric) in Metric.allCases.enumerated() {
      values[metric] = Double(step) / Double(index + 3)
    }
    return Sample(step: step, time: 1e9 + Double(step), values: values)
  }

  static func event(_ text: String) -> RunEvent {
    RunEvent(time: 1, step: 1, level: .info, kind: "x", text: text)
  }

  /// A run of `steps` steps.
  static func record(steps: Int = 0) -> RunRecord {
    var record = RunRecord(status: status)
    for step in 0..<steps { record.append(sample(step + 1)) }
    return record
  }
}

/// A server that accepts every change, and the requests that it received.
struct TestServer {
  final class Asked: Sendable {
    let commands = Mutex<[ChangeRequest]>([])
    var all: [ChangeRequest] { commands.withLock { $0 } }
  }

  let folder = TemporaryFolder()
  let asked = Asked()
  let server: RunServer

  init(record: RunRecord = Example.record(), role: ClientRole = .owner) throws {
    let asked = asked
    server = try RunServer(endpoints: folder.endpoints, record: record, role: role) { command in
      asked.commands.withLock { $0.append(command) }
      return Reply(id: command.id, outcome: .accepted)
    }
  }

  func client() throws -> RunClient {
    try RunClient(endpoints: folder.endpoints, client: "test (a@b)")
  }
}

/// A viewer that applies all events of its connection to a record, as the screen does.
final class TestViewer {
  let client: RunClient
  var record: RunRecord?
  var snapshots: [Snapshot] = []
  var messages: [FeedMessage] = []
  var replies: [Reply] = []
  var losses: [String] = []

  init(_ client: RunClient) { self.client = client }

  /// Polls whenever the descriptor is readable, until `done` returns `true`. Fails after half a
  /// minute, or after thousands of wakings.
  func follow(until done: (TestViewer) -> Bool) throws {
    let start = Date()
    var turns = 0
    while !done(self) && turns < 5000 && Date().timeIntervalSince(start) < 30 {
      var waiter = pollfd(fd: client.fileDescriptor, events: Int16(POLLIN), revents: 0)
      poll(&waiter, 1, 10_000)
      try take()
      turns += 1
    }
    try #require(done(self), "waited in vain, woken \(turns) times")
  }

  func take() throws {
    for event in try client.poll() {
      switch event {
      case .connected(let snapshot):
        snapshots.append(snapshot)
        record = RunRecord(snapshot: snapshot, onto: record)
      case .message(let message):
        messages.append(message)
        record?.apply(message)
      case .reply(let reply): replies.append(reply)
      case .lost(let reason): losses.append(reason)
      }
    }
  }
}

/// A bare DEALER socket, which can send what `RunClient` never would.
final class RawClient {
  private let socket: ZeroMQSocket

  init(_ endpoints: RunEndpoints) throws {
    socket = try ZeroMQSocket(ZeroMQContext(), ZMQ_DEALER)
    socket.set(ZMQ_LINGER, 0)
    try socket.connect(endpoints.control)
  }

  func send(_ frames: [Data]) { socket.send(frames) }

  func send(_ text: String) { socket.send([Data(text.utf8)]) }

  /// Returns the frames of the next reply; `nil` after two minutes.
  func receive() -> [Data]? {
    socket.wait(for: Int32(ZMQ_POLLIN), seconds: 120) ? socket.receive() : nil
  }

  /// Returns the next reply.
  func reply() throws -> Reply {
    let frames = try #require(receive())
    return try ReplyCoding.decode(frames.filter { !$0.isEmpty })
  }
}

/// A thread that answers the first command with `applied` at step 9.
final class Trainer: Sendable {
  private let server: RunServer
  private let asked: TestServer.Asked
  private let thread = Mutex<pthread_t?>(nil)

  init(server: RunServer, asked: TestServer.Asked) {
    self.server = server
    self.asked = asked
  }

  func start() {
    var handle = pthread_t()
    pthread_create(
      &handle, nil,
      { argument in
        Unmanaged<Trainer>.fromOpaque(argument!).takeUnretainedValue().work()
        return nil
      }, Unmanaged.passUnretained(self).toOpaque())
    thread.withLock { $0 = handle }
  }

  func join() {
    if let handle = thread.withLock({ $0 }) { pthread_join(handle, nil) }
  }

  private func work() {
    for _ in 0..<1000 {
      if let command = asked.all.first {
        return server.answer(Reply(id: command.id, outcome: .applied, step: 9))
      }
      usleep(5000)
    }
  }
}

/// A generator of reproducible random numbers.
struct SplitMix {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
