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
    _ values: UnsafeRawBufferPointer, _ parts: LinkParts,
    done: @escaping (UnsafeMutableRawPointer) -> Void
  ) -> LinkTicket {
    let own = values[parts.range(place.number, of: values.count)]
    var transfer = Transfer()
    for peer in peers {
      let theirs = values[parts.range(peer, of: values.count)]
      transfer.send(UnsafeRawBufferPointer(rebasing: theirs), to: peer)
    }
    transfer.staging = Transfer.Staging(
      own: UnsafeRawBufferPointer(rebasing: own), place: place, peers: peers, part: parts.count,
      done: done)
    return queue.add(transfer)
  }

  package func gather(
    _ values: UnsafeMutableRawBufferPointer, _ parts: LinkParts
  ) -> LinkTicket {
    let own = UnsafeRawBufferPointer(
      rebasing: UnsafeRawBufferPointer(values)[parts.range(place.number, of: values.count)])
    var transfer = Transfer()
    for peer in peers {
      transfer.send(own, to: peer)
      let theirs = values[parts.range(peer, of: values.count)]
      transfer.receive(UnsafeMutableRawBufferPointer(rebasing: theirs), from: peer)
    }
    return queue.add(transfer)
  }

  /// The others, beginning with the next, so that not all send to the same one at first.
  private var peers: [Int] {
    (1..<place.count).map { (place.number + $0) % place.count }
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
