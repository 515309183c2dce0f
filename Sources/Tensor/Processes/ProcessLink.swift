/// Moves bytes among the processes of a run. It computes nothing, so that all arithmetic stands in
/// `LinkedCollectives` and is the same over any link.
///
/// Every process makes the same calls in the same order and with the same sizes. Calls return at once and are
/// carried out in order; the memory that they name belongs to the link until `wait` returns.
package protocol ProcessLink: AnyObject {
  /// Which of the processes this one is.
  var place: ProcessPlace { get }

  /// Sends a part of `values` to each process, and receives the part that each process sends to this one,
  /// its own included.
  ///
  /// - Parameters:
  ///   - parts: where the parts are. That of this process is no longer than any other's.
  ///   - done: called once all parts are there, one after the other, `parts.count` bytes apart, on any
  ///     thread; the call counts as done when it returns.
  func exchange(
    _ values: UnsafeRawBufferPointer, _ parts: LinkParts,
    done: @escaping (UnsafeMutableRawPointer) -> Void
  ) -> LinkTicket

  /// Sends this process's part of `values` to all others and receives theirs in place.
  func gather(_ values: UnsafeMutableRawBufferPointer, _ parts: LinkParts) -> LinkTicket

  /// Waits until a call is done.
  func wait(_ ticket: LinkTicket)

  /// What was sent and waited for so far.
  var traffic: LinkTraffic { get }
}

/// The parts of a memory, one for each process, in bytes. The last ones may be cut short by its end.
package struct LinkParts: Sendable {
  /// The distance between the beginnings of two parts.
  package let stride: Int
  /// The bytes of a part.
  package let count: Int

  package init(stride: Int, count: Int) {
    precondition(count <= stride)
    self.stride = stride
    self.count = count
  }

  /// Parts that follow one another.
  package init(count: Int) { self.init(stride: count, count: count) }

  /// The part of a process, within a memory of `total` bytes.
  package func range(_ number: Int, of total: Int) -> Range<Int> {
    min(number * stride, total)..<min(number * stride + count, total)
  }
}

/// A call of a link that may be under way.
package struct LinkTicket: Sendable {
  /// The number of the call, from 1; calls are carried out in this order.
  package let number: Int

  package init(number: Int) { self.number = number }
}
