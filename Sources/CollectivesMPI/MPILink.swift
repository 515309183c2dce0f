import CMPI
import Support
import Tensor

#if canImport(Glibc)
  import Glibc
#endif

/// The link among the processes that `mpirun` started, over Open MPI.
///
/// One thread makes all calls of MPI. It polls, so that messages move while the trainer computes. The
/// trainer's thread queues what is to be sent and waits for it.
package final class MPILink: ProcessLink, @unchecked Sendable {
  package let place: ProcessPlace
  private let queue: TransferQueue
  private var waited = 0.0

  /// Loads Open MPI and connects with the other processes.
  ///
  /// - Parameter patience: the seconds after which a process that gives no sign counts as lost.
  package init(patience: Double) throws(MPIError) {
    Self.tune()
    let queue = TransferQueue()
    do {
      let thread = try PosixThread {
        MPIThread(queue, patience: patience)?.run()
      }
      thread.detach()
    } catch {
      throw MPIError(reason: "\(error)")
    }
    place = try queue.start()
    self.queue = queue
  }

  /// Settings of Open MPI's own transports, unless the user has set them: with its defaults, large messages
  /// go both ways at half the rate (`docs/many-machines.md`).
  private static func tune() {
    let bytes = "\(Transfer.pieceBytes + 1024)"
    let settings = [
      "btl_tcp_eager_limit": bytes, "btl_tcp_rndv_eager_limit": bytes,
      "btl_tcp_max_send_size": bytes, "pml": "ob1", "btl": "tcp,vader,self",
    ]
    for (name, value) in settings { setenv("OMPI_MCA_\(name)", value, 0) }
  }

  package func exchange(
    _ values: UnsafeRawBufferPointer, part: Int, into: UnsafeMutableRawBufferPointer
  ) -> LinkTicket {
    precondition(into.count >= place.count * part && values.count <= place.count * part)
    let own = range(place.number, part, values.count)
    var transfer = Transfer()
    for peer in peers {
      let theirs = range(peer, part, values.count)
      transfer.send(UnsafeRawBufferPointer(rebasing: values[theirs]), to: peer)
      let place = peer * part..<peer * part + own.count
      transfer.receive(UnsafeMutableRawBufferPointer(rebasing: into[place]), from: peer)
    }
    let place = place.number * part..<place.number * part + own.count
    UnsafeMutableRawBufferPointer(rebasing: into[place]).copyMemory(
      from: UnsafeRawBufferPointer(rebasing: values[own]))
    return queue.add(transfer)
  }

  package func gather(_ values: UnsafeMutableRawBufferPointer, part: Int) -> LinkTicket {
    precondition(values.count <= place.count * part)
    let own = UnsafeRawBufferPointer(
      rebasing: UnsafeRawBufferPointer(values)[range(place.number, part, values.count)])
    var transfer = Transfer()
    for peer in peers {
      transfer.send(own, to: peer)
      let theirs = range(peer, part, values.count)
      transfer.receive(UnsafeMutableRawBufferPointer(rebasing: values[theirs]), from: peer)
    }
    return queue.add(transfer)
  }

  /// The others, beginning with the next, so that not all send to the same one at first.
  private var peers: [Int] {
    (1..<place.count).map { (place.number + $0) % place.count }
  }

  private func range(_ number: Int, _ part: Int, _ count: Int) -> Range<Int> {
    min(number * part, count)..<min((number + 1) * part, count)
  }

  package func wait(_ ticket: LinkTicket) {
    let began = Clock.monotonic()
    queue.wait(for: ticket.number)
    waited += Clock.monotonic() - began
  }

  package var traffic: LinkTraffic {
    var traffic = LinkTraffic()
    traffic.bytesSent = queue.bytesSent
    traffic.secondsWaited = waited
    return traffic
  }

  /// Ends the connection, once all processes have come to this call. No call may follow.
  package func close() { queue.close() }
}
