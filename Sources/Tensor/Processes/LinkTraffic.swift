/// What a process has sent to others, and how long its trainer waited for them.
package struct LinkTraffic: Sendable, Equatable {
  /// The bytes of all messages, without the network's own headers.
  package var bytesSent = 0
  package var secondsWaited = 0.0
  /// The calls of the link that were made.
  package var calls = 0

  package init() {}
}

/// When a call of a link was carried out, for someone to look at.
package struct LinkTransfer: Sendable, Equatable {
  /// The number of the call.
  package let number: Int
  /// The times of the monotonic clock.
  package let began: Double
  package let ended: Double
  /// The bytes that this process sent.
  package let bytes: Int

  package init(number: Int, began: Double, ended: Double, bytes: Int) {
    (self.number, self.began, self.ended, self.bytes) = (number, began, ended, bytes)
  }
}
