import CMPI
import Support
import Tensor

#if canImport(Glibc)
  @preconcurrency import Glibc
#endif

/// Signs of life between process 0 and each other one, so that a process that hangs is noticed: MPI does
/// not notice it, and all would wait for ever.
///
/// A sign is a message with the sender's host and number, so that the process that is missing can be named.
/// It is sent by the thread of MPI and says that the process is scheduled and connected; how long a step
/// takes does not matter.
final class SignsOfLife {
  private let place: ProcessPlace
  private let patience: Double
  private var peers: [Peer] = []
  private var lastSent = -Double.infinity

  private static let interval = 0.5
  private static let tag: Int32 = 1

  /// Another process, from which and to which signs go.
  private final class Peer {
    let number: Int
    var lastSign = Clock.monotonic()
    var name = ""
    var receiving: dino_mpi_request?
    var sending: dino_mpi_request?
    let buffer = UnsafeMutablePointer<UInt8>.allocate(capacity: SignsOfLife.bytes)

    init(_ number: Int) { self.number = number }
    deinit { buffer.deallocate() }
  }

  /// The bytes of a sign.
  private static let bytes = 128
  private let own = UnsafeMutablePointer<UInt8>.allocate(capacity: SignsOfLife.bytes)
  private var lastLook = Clock.monotonic()

  init(_ place: ProcessPlace, patience: Double) {
    self.place = place
    self.patience = patience
    let name = Array("process \(place.number) (\(HostName.own), pid \(getpid()))".utf8.prefix(127))
    own.initialize(repeating: 0, count: Self.bytes)
    own.update(from: name, count: name.count)
    let others = place.number == 0 ? Array(1..<place.count) : [0]
    peers = others.map(Peer.init)
    for peer in peers { receive(peer) }
  }

  deinit { own.deallocate() }

  /// Sends and takes in signs. Ends all processes if one has been silent for too long.
  func exchange() {
    let now = Clock.monotonic()
    // Was this process itself stopped, the others' signs wait to be read.
    if now - lastLook > 1 { for peer in peers { peer.lastSign = now } }
    guard now - lastLook > 0.02 else { return }
    lastLook = now
    let isDue = now - lastSent > Self.interval
    if isDue { lastSent = now }
    for peer in peers {
      if isDone(&peer.receiving) {
        peer.lastSign = now
        peer.name = String(
          decoding: UnsafeBufferPointer(start: peer.buffer, count: Self.bytes)
            .prefix { $0 != 0 }, as: UTF8.self)
        receive(peer)
      }
      if isDue, peer.sending == nil || isDone(&peer.sending) { send(peer) }
      if now - peer.lastSign > patience { giveUp(peer, now - peer.lastSign) }
    }
  }

  /// Withdraws what is under way, before MPI ends.
  func end() {
    for peer in peers {
      dino_mpi_cancel(&peer.receiving)
      while let _ = peer.sending, !isDone(&peer.sending) { usleep(50) }
    }
  }

  private func giveUp(_ peer: Peer, _ seconds: Double) {
    let name = peer.name.isEmpty ? "process \(peer.number)" : peer.name
    fputs("\(name) \(MPIDiagnosis.silence) \(Int(seconds)) s; all processes end\n", stderr)
    dino_mpi_abort(MPIJob.lossExitCode)
    _exit(MPIJob.lossExitCode)
  }

  private func receive(_ peer: Peer) {
    _ = dino_mpi_receive(
      peer.buffer, Int32(Self.bytes), Int32(peer.number), Self.tag, &peer.receiving)
  }

  private func send(_ peer: Peer) {
    _ = dino_mpi_send(own, Int32(Self.bytes), Int32(peer.number), Self.tag, &peer.sending)
  }

  private func isDone(_ request: inout dino_mpi_request?) -> Bool {
    guard request != nil else { return false }
    var done: Int32 = 0
    return dino_mpi_test(&request, 1, &done) > 0
  }
}
