import CFloat

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
  ///   - parts: where the parts are.
  ///   - code: how parts are sent; nil to send them as they are. This process's own part is encoded, too.
  ///   - done: called once all parts are there, one after the other, `parts.count` bytes apart or what
  ///     the code makes of that, on any thread; the call counts as done when it returns.
  func exchange(
    _ values: UnsafeRawBufferPointer, _ parts: LinkParts, code: LinkCode?,
    done: @escaping (UnsafeMutableRawPointer) -> Void
  ) -> LinkTicket

  /// Sends this process's part of `values` to all others and receives theirs in place. With a code all
  /// parts, its own included, are replaced by what they are after being encoded and decoded.
  ///
  /// - Parameter earlier: the number of a call that makes the values; this one begins once that is done. 0
  ///   for none.
  func gather(
    _ values: UnsafeMutableRawBufferPointer, _ parts: LinkParts, code: LinkCode?,
    after earlier: Int
  ) -> LinkTicket

  /// Waits until a call is done.
  func wait(_ ticket: LinkTicket)

  /// What was sent and waited for so far.
  var traffic: LinkTraffic { get }

  /// Begins or ends to record when calls were carried out. Returns what was recorded so far.
  func recordTransfers(_ isOn: Bool) -> [LinkTransfer]
}

extension ProcessLink {
  /// Sends this process's part of values that are there already.
  package func gather(
    _ values: UnsafeMutableRawBufferPointer, _ parts: LinkParts, code: LinkCode?
  ) -> LinkTicket { gather(values, parts, code: code, after: 0) }
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

/// How values are sent. Any thread may call.
package struct LinkCode: Sendable {
  /// The bytes of a number of bytes when they are encoded.
  package let count: @Sendable (Int) -> Int
  /// Writes encoded bytes to a memory of `count` bytes.
  package let encode: @Sendable (UnsafeRawBufferPointer, UnsafeMutableRawPointer) -> Void
  /// Decodes into a memory, whose size says how much.
  package let decode: @Sendable (UnsafeRawPointer, UnsafeMutableRawBufferPointer) -> Void

  /// Numbers of fp32 as bfloat16, rounded to the nearest even one.
  package static let bfloat16 = LinkCode(
    count: { $0 / 2 },
    encode: { source, target in
      guard let from = source.baseAddress else { return }
      dino_to_bfloat16(
        from.assumingMemoryBound(to: UInt32.self), target.assumingMemoryBound(to: UInt16.self),
        source.count / 4)
    },
    decode: { source, target in
      guard let to = target.baseAddress else { return }
      dino_from_bfloat16(
        source.assumingMemoryBound(to: UInt16.self), to.assumingMemoryBound(to: UInt32.self),
        target.count / 4)
    })
}

/// A call of a link that may be under way.
package struct LinkTicket: Sendable {
  /// The number of the call, from 1; calls are carried out in this order.
  package let number: Int

  package init(number: Int) { self.number = number }
}
