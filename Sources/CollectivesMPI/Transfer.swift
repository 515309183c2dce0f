import Support
import Tensor

/// The messages of one call of a link, cut into pieces.
struct Transfer {
  /// A piece of a message to or from another process.
  struct Piece {
    let peer: Int
    let data: UnsafeMutableRawPointer
    let count: Int
  }

  /// The largest piece. Pieces of this size are sent at once, without asking whether the receiver is
  /// ready: what it answers would wait behind one's own data.
  static let pieceBytes = 1 << 20

  /// Memory that a call needs while it is under way. It is taken when the call begins, since many may wait.
  struct Staging {
    let bytes: Int
    /// Fills the memory, and returns what is sent and where something is received.
    let begin: (UnsafeMutableRawPointer) -> (sends: [Piece], receives: [Piece])
    /// Uses what was received.
    let done: (UnsafeMutableRawPointer) -> Void
  }

  private(set) var sends: [Piece] = []
  private(set) var receives: [Piece] = []
  var staging: Staging?
  /// The number of a call that has to be done before this one begins; 0 for none.
  var earlier = 0

  mutating func send(_ data: UnsafeRawBufferPointer, to peer: Int) {
    // MPI does not write to what it sends.
    sends += Self.pieces(UnsafeMutableRawBufferPointer(mutating: data), peer)
  }

  mutating func receive(_ data: UnsafeMutableRawBufferPointer, from peer: Int) {
    receives += Self.pieces(data, peer)
  }

  static func pieces(_ data: UnsafeMutableRawBufferPointer, _ peer: Int) -> [Piece] {
    guard let first = data.baseAddress else { return [] }
    return stride(from: 0, to: data.count, by: pieceBytes).map {
      Piece(peer: peer, data: first + $0, count: min(pieceBytes, data.count - $0))
    }
  }
}

/// The calls of a link between the trainer's thread, which adds and waits, and the thread of MPI, which
/// carries them out in order.
final class TransferQueue: @unchecked Sendable {
  private let monitor = Monitor()
  private var waiting: [Transfer] = []
  private var added = 0
  private var done = 0
  private var sent = 0
  /// The threads that wait for a call.
  private var waiters = 0
  private var outcome: Result<ProcessPlace, MPIError>?
  /// When calls were carried out; nil if that is not recorded.
  private var transfers: [LinkTransfer]?
  private var isClosing = false
  private var isClosed = false

  /// Adds a call, and returns its ticket.
  func add(_ transfer: Transfer) -> LinkTicket {
    monitor.locked {
      precondition(!isClosing)
      waiting.append(transfer)
      added += 1
      monitor.wakeAll()
      return LinkTicket(number: added)
    }
  }

  /// Waits until a call and all before it are done.
  func wait(for number: Int) {
    monitor.locked {
      waiters += 1
      while done < number { monitor.wait() }
      waiters -= 1
    }
  }

  var bytesSent: Int { monitor.locked { sent } }
  var calls: Int { monitor.locked { added } }

  /// Begins or ends to record calls. Returns what was recorded so far.
  func record(_ isOn: Bool) -> [LinkTransfer] {
    monitor.locked {
      defer { transfers = isOn ? [] : nil }
      return transfers ?? []
    }
  }

  /// Waits for the thread of MPI to begin.
  func start() throws(MPIError) -> ProcessPlace {
    try monitor.locked {
      while outcome == nil { monitor.wait() }
      return outcome!
    }.get()
  }

  /// Waits until the thread of MPI has ended.
  func close() {
    monitor.locked {
      isClosing = true
      monitor.wakeAll()
      while !isClosed { monitor.wait() }
    }
  }
}

/// What the thread of MPI calls.
extension TransferQueue {
  func began(_ outcome: Result<ProcessPlace, MPIError>) {
    monitor.locked {
      self.outcome = outcome
      monitor.wakeAll()
    }
  }

  /// Returns the next call, if there is one that may begin.
  func next() -> Transfer? {
    monitor.locked {
      guard let first = waiting.first, first.earlier <= done else { return nil }
      return waiting.removeFirst()
    }
  }

  /// Waits for a call, for at most so many seconds.
  func rest(seconds: Double) {
    monitor.locked { if waiting.isEmpty && !isClosing { monitor.wait(seconds: seconds) } }
  }

  /// Tells that the first call that is not done is done.
  ///
  /// - Parameters:
  ///   - began: when it was begun, by the monotonic clock.
  ///   - bytes: what it has sent.
  func finish(began: Double, bytes: Int) {
    monitor.locked {
      done += 1
      transfers?.append(
        LinkTransfer(number: done, began: began, ended: Clock.monotonic(), bytes: bytes))
      monitor.wakeAll()
    }
  }

  /// Whether the trainer waits for a call.
  var isWaitedFor: Bool { monitor.locked { waiters > 0 } }

  func count(bytes: Int) { monitor.locked { sent += bytes } }

  /// Whether the link is to end and nothing is left to do.
  var isOver: Bool { monitor.locked { isClosing && waiting.isEmpty } }

  func ended() {
    monitor.locked {
      isClosed = true
      monitor.wakeAll()
    }
  }
}
