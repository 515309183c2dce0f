/// A link between hosts.
package struct LinkModel: Sendable, Equatable {
  /// Bytes a second that a host sends, and receives at the same time.
  package var bytesPerSecond: Double
  /// Seconds until what was sent is there.
  package var latency: Double

  package init(bytesPerSecond: Double, latency: Double = 0) {
    (self.bytesPerSecond, self.latency) = (bytesPerSecond, latency)
  }

  /// What is left of the rate for messages, as TCP has headers of its own.
  static let payload = 0.95
  /// What a message takes beside the line's latency: threads have to wake.
  static let wakeUp = 0.0003
  /// Processor time for a value that is sent and another one that is received and added up, in either type.
  static let processor = 2.2e-9
  /// How much longer computing takes beside the threads that send and that prepare crops.
  static let disturbance = 1.2
}
