import CMPI
import Support
import Tensor

#if canImport(Glibc)
  import Glibc
#endif

/// The thread that makes all calls of MPI.
///
/// Two calls of the link are under way at a time, and two pieces to each process: enough to keep a line
/// busy both ways.
final class MPIThread {
  private let queue: TransferQueue
  private let place: ProcessPlace
  private let signs: SignsOfLife
  private var calls: [Call] = []
  private var requests: [dino_mpi_request?] = []
  private var pieces: [Message] = []
  private var done: [Int32] = []
  /// The pieces to each process that are not sent yet, and how many are under way.
  private var outboxes: [[Message]]
  private var underWay: [Int]

  private static let mostCalls = 2
  private static let mostPieces = 2
  private static let tag: Int32 = 0

  /// A call of the link that is under way.
  private final class Call {
    var left: Int
    let staging: Transfer.Staging?
    let memory: UnsafeMutableRawBufferPointer?
    let began = Clock.monotonic()
    /// What it sends.
    let bytes: Int

    init(
      left: Int, bytes: Int, _ staging: Transfer.Staging?, _ memory: UnsafeMutableRawBufferPointer?
    ) {
      (self.left, self.bytes, self.staging, self.memory) = (left, bytes, staging, memory)
    }
  }

  /// Memory for what is received, of calls that are done.
  private var free: [UnsafeMutableRawBufferPointer] = []

  private struct Message {
    let piece: Transfer.Piece
    let call: Call
    let isSent: Bool
  }

  /// Initialises MPI on the present thread; nil if that fails, which the queue is told.
  init?(_ queue: TransferQueue, patience: Double) {
    if let problem = dino_mpi_load() {
      queue.began(.failure(MPIError(reason: String(cString: problem))))
      return nil
    }
    var (process, processes): (Int32, Int32) = (0, 0)
    guard dino_mpi_init(&process, &processes) else {
      queue.began(.failure(MPIError(reason: "Open MPI cannot be initialised")))
      return nil
    }
    self.queue = queue
    place = ProcessPlace(
      number: Int(process), of: Int(processes), onHost: MPIJob.processesOnHost)
    signs = SignsOfLife(place, patience: patience)
    outboxes = Array(repeating: [], count: place.count)
    underWay = Array(repeating: 0, count: place.count)
    queue.began(.success(place))
  }

  func run() {
    var idle = 0
    while !(calls.isEmpty && queue.isOver) {
      begin()
      send()
      let progress = test()
      signs.exchange()
      idle = progress ? 0 : idle + 1
      guard !progress else { continue }
      // With nothing under way a new call wakes the thread. While the trainer computes, looking often would
      // take from it what it computes with.
      if calls.isEmpty {
        queue.rest(seconds: 0.002)
      } else {
        usleep(!queue.isWaitedFor ? 400 : idle < 20_000 ? 50 : 500)
      }
    }
    signs.end()
    dino_mpi_finalize()
    queue.ended()
  }

  /// Begins calls that wait: posts what they receive, and queues what they send.
  private func begin() {
    while calls.count < Self.mostCalls, let transfer = queue.next() {
      let memory = transfer.staging.map { take($0.bytes) }
      let staged = transfer.staging.map { $0.begin(memory!.baseAddress!) } ?? ([], [])
      let (sends, receives) = (transfer.sends + staged.0, transfer.receives + staged.1)
      let call = Call(
        left: sends.count + receives.count, bytes: sends.reduce(0) { $0 + $1.count },
        transfer.staging, memory)
      calls.append(call)
      for piece in receives { start(Message(piece: piece, call: call, isSent: false)) }
      for piece in sends {
        outboxes[piece.peer].append(Message(piece: piece, call: call, isSent: true))
      }
    }
    finishCalls()
  }

  /// Sends what may be under way. Messages to a process keep their order.
  private func send() {
    for peer in outboxes.indices {
      while underWay[peer] < Self.mostPieces, !outboxes[peer].isEmpty {
        underWay[peer] += 1
        start(outboxes[peer].removeFirst())
      }
    }
  }

  private func start(_ message: Message) {
    let piece = message.piece
    var request: dino_mpi_request?
    let (count, peer) = (Int32(piece.count), Int32(piece.peer))
    let isStarted =
      message.isSent
      ? dino_mpi_send(piece.data, count, peer, Self.tag, &request)
      : dino_mpi_receive(piece.data, count, peer, Self.tag, &request)
    precondition(isStarted, "Open MPI refused a message")
    requests.append(request)
    pieces.append(message)
    done.append(0)
  }

  /// Takes in the messages that are done. Returns whether there were any.
  private func test() -> Bool {
    guard !requests.isEmpty else { return false }
    let count = dino_mpi_test(&requests, Int32(requests.count), &done)
    precondition(count >= 0, "Open MPI reports an error")
    guard count > 0 else { return false }
    for number in done[..<Int(count)].sorted(by: >) {
      let message = pieces.remove(at: Int(number))
      requests.remove(at: Int(number))
      message.call.left -= 1
      guard message.isSent else { continue }
      underWay[message.piece.peer] -= 1
      queue.count(bytes: message.piece.count)
    }
    done.removeLast(Int(count))
    finishCalls()
    return true
  }

  private func finishCalls() {
    while let first = calls.first, first.left == 0 {
      calls.removeFirst()
      if let staging = first.staging, let memory = first.memory {
        staging.done(memory.baseAddress!)
        free.append(memory)
      }
      queue.finish(began: first.began, bytes: first.bytes)
    }
  }

  /// Returns memory of at least so many bytes.
  private func take(_ bytes: Int) -> UnsafeMutableRawBufferPointer {
    if let number = free.firstIndex(where: { $0.count >= bytes }) { return free.remove(at: number) }
    if let smaller = free.popLast() { smaller.deallocate() }
    return .allocate(byteCount: max(bytes, 64), alignment: 64)
  }
}
