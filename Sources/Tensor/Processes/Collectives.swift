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
  func allReduceSum(_ values: UnsafeMutableBufferPointer<Float>)
  func allReduceSum(_ values: UnsafeMutableBufferPointer<Double>)

  /// Replaces each value by its maximum over the processes.
  func allReduceMax(_ values: UnsafeMutableBufferPointer<Float>)

  /// Replaces each value by that of process 0.
  func broadcast(_ values: UnsafeMutableBufferPointer<Float>)

  /// Returns what each process gives, in their order. The lengths may differ.
  func gather(_ bytes: [UInt8]) -> [[UInt8]]

  /// Returns what process 0 gives; what the others give is ignored.
  func broadcast(_ bytes: [UInt8]) -> [UInt8]

  /// What was sent and waited for so far.
  var traffic: LinkTraffic { get }
}

/// What a process has sent to others, and how long its trainer waited for them.
package struct LinkTraffic: Sendable, Equatable {
  /// The bytes of all messages, without the network's own headers.
  package var bytesSent = 0
  package var secondsWaited = 0.0

  package init() {}
}

/// The only process of a run: its own sums are the global ones, so that nothing is done.
package final class SingleProcess: Collectives {
  package var place: ProcessPlace { .only }

  package init() {}

  package func allReduceSum(_ values: UnsafeMutableBufferPointer<Float>) {}
  package func allReduceSum(_ values: UnsafeMutableBufferPointer<Double>) {}
  package func allReduceMax(_ values: UnsafeMutableBufferPointer<Float>) {}
  package func broadcast(_ values: UnsafeMutableBufferPointer<Float>) {}
  package func gather(_ bytes: [UInt8]) -> [[UInt8]] { [bytes] }
  package func broadcast(_ bytes: [UInt8]) -> [UInt8] { bytes }
  package var traffic: LinkTraffic { LinkTraffic() }
}
