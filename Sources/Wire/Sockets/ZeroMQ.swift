import CZeroMQ
import FoundationEssentials

/// A ZeroMQ context with its I/O threads. Each socket keeps its context alive.
package final class ZeroMQContext {
  fileprivate let handle: UnsafeMutableRawPointer
  private var isOpen = true

  /// Creates a context.
  package init() throws(WireError) {
    guard let handle = zmq_ctx_new() else { throw .system(Self.lastError()) }
    self.handle = handle
  }

  deinit { end() }

  /// Waits until sent messages are delivered, at most for each socket's linger time, and ends the
  /// threads. All sockets must be closed. Further calls do nothing.
  package func end() {
    while isOpen && zmq_ctx_term(handle) != 0 && zmq_errno() == EINTR {}
    isOpen = false
  }

  static func lastError() -> String { String(cString: zmq_strerror(zmq_errno())) }
}

/// A ZeroMQ socket. Only one thread at a time may use it. Messages are sent and received whole and
/// without waiting.
package final class ZeroMQSocket {
  let handle: UnsafeMutableRawPointer
  private let message: UnsafeMutablePointer<zmq_msg_t>
  private let context: ZeroMQContext
  private var isOpen = true

  /// The number of frames kept of one message.
  private let frameLimit: Int

  /// Creates a socket of a type such as `ZMQ_SUB`. Of a message only the first `frameLimit` frames
  /// are kept; no message of the protocol has more than 4.
  package init(
    _ context: ZeroMQContext, _ type: Int32, frameLimit: Int = 4
  ) throws(WireError) {
    guard let handle = zmq_socket(context.handle, type) else {
      throw .system(ZeroMQContext.lastError())
    }
    self.handle = handle
    self.context = context
    self.frameLimit = frameLimit
    message = .allocate(capacity: 1)
  }

  deinit {
    close()
    message.deallocate()
  }

  /// Closes the socket. Further calls do nothing.
  package func close() {
    if isOpen { zmq_close(handle) }
    isOpen = false
  }

  /// Sets an option of type `int`.
  package func set(_ option: Int32, _ value: Int32) {
    var value = value
    let code = zmq_setsockopt(handle, option, &value, MemoryLayout<Int32>.size)
    precondition(code == 0, "option \(option): \(ZeroMQContext.lastError())")
  }

  /// Sets an option of type `int64_t`, such as the message size.
  package func set(_ option: Int32, long value: Int64) {
    var value = value
    let code = zmq_setsockopt(handle, option, &value, MemoryLayout<Int64>.size)
    precondition(code == 0, "option \(option): \(ZeroMQContext.lastError())")
  }

  /// Sets an option of bytes, such as a key.
  func set(_ option: Int32, bytes value: [UInt8]) {
    let code = zmq_setsockopt(handle, option, value, value.count)
    precondition(code == 0, "option \(option): \(ZeroMQContext.lastError())")
  }

  /// Subscribes to the topics with the given prefix; by default to all.
  package func subscribe(_ topic: String = "") {
    zmq_setsockopt(handle, ZMQ_SUBSCRIBE, topic, topic.utf8.count)
  }

  /// Binds the socket. Returns the endpoint as bound, with the actual port if a free one was asked
  /// for.
  package func bind(_ endpoint: String) throws(WireError) -> String {
    guard zmq_bind(handle, endpoint) == 0 else {
      throw .endpoint(endpoint, reason: "cannot listen: \(ZeroMQContext.lastError())")
    }
    var size = 512
    var bytes = [CChar](repeating: 0, count: size)
    guard zmq_getsockopt(handle, ZMQ_LAST_ENDPOINT, &bytes, &size) == 0 else { return endpoint }
    return String(decoding: bytes.prefix(size - 1).map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// Starts to connect to an endpoint in the background.
  package func connect(_ endpoint: String) throws(WireError) {
    guard zmq_connect(handle, endpoint) == 0 else {
      throw .endpoint(endpoint, reason: "cannot connect: \(ZeroMQContext.lastError())")
    }
  }

  /// Ends what `subscribe` began.
  package func unsubscribe(_ topic: String = "") {
    zmq_setsockopt(handle, ZMQ_UNSUBSCRIBE, topic, topic.utf8.count)
  }

  /// Sends the frames as one message. Returns `false`, and sends none of them, if there is no room
  /// or no such peer.
  @discardableResult
  package func send(_ frames: [Data]) -> Bool {
    for (index, frame) in frames.enumerated() {
      let flags = ZMQ_DONTWAIT | (index < frames.count - 1 ? ZMQ_SNDMORE : 0)
      if send(frame, flags) { continue }
      // ZeroMQ notices only every few milliseconds that a peer has made room, unless its events
      // are queried. Without the query, a burst of messages would find no room.
      guard index == 0, zmq_errno() == EAGAIN else { return false }
      _ = isReady()
      guard send(frame, flags) else { return false }
    }
    return true
  }

  private func send(_ frame: Data, _ flags: Int32) -> Bool {
    frame.withUnsafeBytes { bytes in
      var code: Int32
      repeat {
        code = zmq_send(handle, bytes.baseAddress, bytes.count, flags)
      } while code < 0
        && zmq_errno() == EINTR
      return code >= 0
    }
  }

  /// Returns the next message; `nil` if none has arrived.
  package func receive() -> [Data]? { receive(withProperties: false)?.frames }

  /// Returns the next message with what is known of its sender; `nil` if none has arrived.
  package func receiveFromPeer() -> PeerMessage? { receive(withProperties: true) }

  private func receive(withProperties: Bool) -> PeerMessage? {
    var received = PeerMessage()
    var more = true
    while more {
      zmq_msg_init(message)
      defer { zmq_msg_close(message) }
      var code: Int32
      repeat {
        code = zmq_msg_recv(message, handle, ZMQ_DONTWAIT)
      } while code < 0
        && zmq_errno() == EINTR
      guard code >= 0 else { return nil }
      more = zmq_msg_more(message) != 0
      if withProperties && !more { received.readProperties(of: message) }
      guard received.frames.count < frameLimit else { continue }
      let count = zmq_msg_size(message)
      received.frames.append(
        zmq_msg_data(message).map { Data(bytes: $0, count: count) } ?? Data())
    }
    return received
  }

  /// Returns whether `receive` (or `send`, for `ZMQ_POLLOUT`) can proceed now.
  func isReady(_ event: Int32 = Int32(ZMQ_POLLIN)) -> Bool {
    var events: Int32 = 0
    var size = MemoryLayout<Int32>.size
    return zmq_getsockopt(handle, ZMQ_EVENTS, &events, &size) == 0 && events & event != 0
  }

  /// A descriptor that becomes readable when `isReady` may have changed. It is edge-triggered:
  /// before waiting on it, receive until there is nothing left.
  var fileDescriptor: Int32 {
    var file: Int32 = -1
    var size = MemoryLayout<Int32>.size
    zmq_getsockopt(handle, ZMQ_FD, &file, &size)
    return file
  }

  /// Waits until one of the sockets may have received something, at most for `seconds`.
  package static func wait(for sockets: [ZeroMQSocket], seconds: Double) {
    var items = sockets.map {
      zmq_pollitem_t(socket: $0.handle, fd: 0, events: Int16(ZMQ_POLLIN), revents: 0)
    }
    _ = zmq_poll(&items, Int32(items.count), Int((seconds * 1000).rounded(.up)))
  }

  /// Waits for an event on this socket. Returns `false` if `seconds` have passed without it.
  package func wait(for event: Int32, seconds: Double) -> Bool {
    var item = zmq_pollitem_t(socket: handle, fd: 0, events: Int16(event), revents: 0)
    return zmq_poll(&item, 1, Int(max(0, seconds * 1000).rounded(.up))) > 0
  }
}
