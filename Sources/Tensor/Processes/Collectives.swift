/// Communication among the processes of a run.
///
/// Every process makes the same calls in the same order and with the same number of values. After a call
/// all processes hold the same bits. Sums are added in the tree of `SumTree`. Calls are made on the
/// trainer's thread and return when the result is there. A connection that breaks ends the process: no
/// call returns without its result.
package protocol Collectives: AnyObject {
  /// Which of the processes this one is.
  var place: ProcessPlace { get }

  /// Replaces each value by its sum over the processes.
  ///
  /// - Parameter element: how values are sent. In bfloat16, what each process adds is rounded once, and so
  ///   is the sum, so that bits depend on the number of processes.
  func allReduceSum(_ values: UnsafeMutableBufferPointer<Float>, as element: Element)
  func allReduceSum(_ values: UnsafeMutableBufferPointer<Double>)

  /// Replaces each value by its maximum over the processes.
  func allReduceMax(_ values: UnsafeMutableBufferPointer<Float>)

  /// Starts to sum values over the processes, of which each gets its part: elements p · `stride` ..<
  /// (p + 1) · `stride` of the values of process p, the last ones cut short. Returns at once; both memories
  /// belong to the call until it is finished.
  ///
  /// - Parameters:
  ///   - isAdded: whether the sums are added to `sums` or replace what is there.
  ///   - element: how values are sent. Sums are fp32.
  func startReduce(
    _ values: UnsafeBufferPointer<Float>, stride: Int, into sums: UnsafeMutableBufferPointer<Float>,
    isAdded: Bool, as element: Element
  ) -> CollectiveTicket

  /// Starts to give each process's part of the values, as `startReduce` divides them, to all others.
  ///
  /// - Parameters:
  ///   - element: how values are sent; in bfloat16 all of them are rounded, also a process's own.
  ///   - earlier: a call that makes the values; they are sent once it is done. Nobody has to wait for it.
  func startGather(
    _ values: UnsafeMutableBufferPointer<Float>, stride: Int, as element: Element,
    after earlier: CollectiveTicket
  ) -> CollectiveTicket

  /// Waits until a call that was started is done.
  func finish(_ ticket: CollectiveTicket)

  /// Replaces each value by that of process 0.
  func broadcast(_ values: UnsafeMutableBufferPointer<Float>)

  /// Returns what each process gives, in their order. The lengths may differ.
  func gather(_ bytes: [UInt8]) -> [[UInt8]]

  /// Returns what process 0 gives; what the others give is ignored.
  func broadcast(_ bytes: [UInt8]) -> [UInt8]

  /// What was sent and waited for so far.
  var traffic: LinkTraffic { get }

  /// Begins or ends to record when calls of the link were carried out. Returns what was recorded so far.
  func recordTransfers(_ isOn: Bool) -> [LinkTransfer]
}

/// A call that was started and may be under way.
package struct CollectiveTicket: Sendable {
  /// The number of the call; 0 if there is nothing to wait for.
  package let number: Int

  package init(number: Int = 0) { self.number = number }
}

/// The only process of a run: its own sums are the global ones, so that nothing is done.
package final class SingleProcess: Collectives {
  package var place: ProcessPlace { .only }

  package init() {}

  package func allReduceSum(_ values: UnsafeMutableBufferPointer<Float>, as element: Element) {}
  package func allReduceSum(_ values: UnsafeMutableBufferPointer<Double>) {}
  package func allReduceMax(_ values: UnsafeMutableBufferPointer<Float>) {}
  package func startReduce(
    _ values: UnsafeBufferPointer<Float>, stride: Int, into sums: UnsafeMutableBufferPointer<Float>,
    isAdded: Bool, as element: Element
  ) -> CollectiveTicket {
    if isAdded {
      for i in 0..<sums.count { sums[i] += values[i] }
    } else if let place = sums.baseAddress, let first = values.baseAddress, first != place {
      place.update(from: first, count: sums.count)
    }
    return CollectiveTicket()
  }

  package func startGather(
    _ values: UnsafeMutableBufferPointer<Float>, stride: Int, as element: Element,
    after earlier: CollectiveTicket
  ) -> CollectiveTicket { CollectiveTicket() }

  package func finish(_ ticket: CollectiveTicket) {}
  package func broadcast(_ values: UnsafeMutableBufferPointer<Float>) {}
  package func gather(_ bytes: [UInt8]) -> [[UInt8]] { [bytes] }
  package func broadcast(_ bytes: [UInt8]) -> [UInt8] { bytes }
  package var traffic: LinkTraffic { LinkTraffic() }
  package func recordTransfers(_ isOn: Bool) -> [LinkTransfer] { [] }
}
