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
  /// go both ways at half the rate (`docs/many-machines.md`). Copying straight from another process's memory
  /// is not allowed in most containers, and Open MPI does not notice in time.
  private static func tune() {
    let bytes = "\(Transfer.pieceBytes + 1024)"
    let settings = [
      "btl_tcp_eager_limit": bytes, "btl_tcp_rndv_eager_limit": bytes,
      "btl_tcp_max_send_size": bytes, "pml": "ob1", "btl": "tcp,vader,self",
      "btl_vader_single_copy_mechanism": "none",
    ]
    for (name, value) in settings { setenv("OMPI_MCA_\(name)", value, 0) }
  }

  package func exchange(
    _ values: UnsafeRawBufferPointer, _ parts: LinkParts, code: LinkCode?,
    done: @escaping (UnsafeMutableRawPointer) -> Void
  ) -> LinkTicket {
    let (place, peers) = (place, peers)
    let part = code?.count(parts.count) ?? parts.count
    let received = place.count * part
    var transfer = Transfer()
    transfer.staging = Transfer.Staging(bytes: code == nil ? received : 2 * received) { memory in
      var (sends, receives): ([Transfer.Piece], [Transfer.Piece]) = ([], [])
      let own = UnsafeRawBufferPointer(
        rebasing: values[parts.range(place.number, of: values.count)])
      Self.put(own, code, at: memory + place.number * part)
      let count = code?.count(own.count) ?? own.count
      for peer in peers {
        var theirs = UnsafeRawBufferPointer(rebasing: values[parts.range(peer, of: values.count)])
        if let code {
          let encoded = memory + received + peer * part
          Self.put(theirs, code, at: encoded)
          theirs = UnsafeRawBufferPointer(start: encoded, count: code.count(theirs.count))
        }
        // MPI does not write to what it sends.
        sends += Transfer.pieces(UnsafeMutableRawBufferPointer(mutating: theirs), peer)
        receives += Transfer.pieces(
          UnsafeMutableRawBufferPointer(start: memory + peer * part, count: count), peer)
      }
      return (sends, receives)
    } done: {
      done($0)
    }
    return queue.add(transfer)
  }

  private static func put(
    _ source: UnsafeRawBufferPointer, _ code: LinkCode?, at target: UnsafeMutableRawPointer
  ) {
    guard let first = source.baseAddress, source.count > 0 else { return }
    if let code {
      code.encode(source, target)
    } else {
      target.copyMemory(from: first, byteCount: source.count)
    }
  }

  package func gather(
    _ values: UnsafeMutableRawBufferPointer, _ parts: LinkParts, code: LinkCode?,
    after earlier: Int
  ) -> LinkTicket {
    var transfer = Transfer()
    transfer.earlier = earlier
    if let code {
      transfer.staging = staging(values, parts, code)
    } else {
      let own = UnsafeRawBufferPointer(
        rebasing: UnsafeRawBufferPointer(values)[parts.range(place.number, of: values.count)])
      for peer in peers {
        transfer.send(own, to: peer)
        let theirs = values[parts.range(peer, of: values.count)]
        transfer.receive(UnsafeMutableRawBufferPointer(rebasing: theirs), from: peer)
      }
    }
    return queue.add(transfer)
  }

  /// The memory of a gather of encoded parts.
  private func staging(
    _ values: UnsafeMutableRawBufferPointer, _ parts: LinkParts, _ code: LinkCode
  ) -> Transfer.Staging {
    let (place, peers) = (place, peers)
    let part = code.count(parts.count)
    func encoded(_ process: Int, _ memory: UnsafeMutableRawPointer) -> UnsafeMutableRawBufferPointer
    {
      UnsafeMutableRawBufferPointer(
        start: memory + process * part,
        count: code.count(parts.range(process, of: values.count).count))
    }
    return Transfer.Staging(bytes: place.count * part) { memory in
      let own = values[parts.range(place.number, of: values.count)]
      Self.put(UnsafeRawBufferPointer(rebasing: own), code, at: memory + place.number * part)
      return (
        peers.flatMap { Transfer.pieces(encoded(place.number, memory), $0) },
        peers.flatMap { Transfer.pieces(encoded($0, memory), $0) }
      )
    } done: { memory in
      for process in 0..<place.count {
        let range = parts.range(process, of: values.count)
        guard !range.isEmpty else { continue }
        code.decode(memory + process * part, UnsafeMutableRawBufferPointer(rebasing: values[range]))
      }
    }
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
    traffic.calls = queue.calls
    return traffic
  }

  package func recordTransfers(_ isOn: Bool) -> [LinkTransfer] { queue.record(isOn) }

  /// Ends the connection, once all processes have come to this call. No call may follow.
  package func close() { queue.close() }
}
