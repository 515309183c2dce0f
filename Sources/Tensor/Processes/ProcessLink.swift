/// Moves bytes among the processes of a run. It computes nothing, so that all arithmetic stands in
/// `LinkedCollectives` and is the same over any link.
///
/// Every process makes the same calls in the same order and with the same sizes. Calls return at once; the
/// memory that they name belongs to the link until `wait` returns.
package protocol ProcessLink: AnyObject {
  /// Which of the processes this one is.
  var place: ProcessPlace { get }

  /// Sends a part of `values` to each process: bytes p · `part` ..< (p + 1) · `part` to process p, of
  /// which the last ones may be cut short. The part that each process sends to this one, its own included,
  /// is written to `into`, `part` bytes apart.
  func exchange(
    _ values: UnsafeRawBufferPointer, part: Int, into: UnsafeMutableRawBufferPointer
  ) -> LinkTicket

  /// Sends this process's part of `values` to all others and receives theirs in place. The parts are those
  /// of `exchange`.
  func gather(_ values: UnsafeMutableRawBufferPointer, part: Int) -> LinkTicket

  /// Waits until a call is done.
  func wait(_ ticket: LinkTicket)

  /// What was sent and waited for so far.
  var traffic: LinkTraffic { get }
}

/// A call of a link that may be under way.
package struct LinkTicket: Sendable {
  /// The number of the call, from 1; calls are carried out in this order.
  package let number: Int

  package init(number: Int) { self.number = number }
}
