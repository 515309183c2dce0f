import CZeroMQ
import FoundationEssentials

#if canImport(Glibc)
  import Glibc
#endif

/// A message with what the connection says of its sender.
package struct PeerMessage {
  /// The message's frames.
  package var frames: [Data] = []
  /// The user that the authenticator named for the connection; `nil` without authentication.
  package var user: String?
  /// The connection over which it came.
  package var connection = PeerConnection()

  /// Reads the properties of a received message.
  mutating func readProperties(of message: UnsafeMutablePointer<zmq_msg_t>) {
    user = zmq_msg_gets(message, "User-Id").map { String(cString: $0) }
    connection = PeerConnection(
      descriptor: zmq_msg_get(message, ZMQ_SRCFD),
      address: zmq_msg_gets(message, "Peer-Address").map { String(cString: $0) } ?? "")
  }
}

/// A connection of a peer.
package struct PeerConnection: Hashable {
  /// The descriptor of the connection; -1 if it is unknown.
  package var descriptor: Int32 = -1
  /// The address of the peer; empty if it is unknown.
  package var address = ""

  /// Ends the connection, unless its descriptor belongs to a peer of another address by now. ZeroMQ
  /// itself has no way to end one connection of a socket.
  package func end() {
    guard descriptor >= 0, !address.isEmpty, Self.peer(of: descriptor) == address else { return }
    shutdown(descriptor, Int32(SHUT_RDWR))
  }

  /// Returns the numeric address of the peer of a socket; `nil` if it has none.
  private static func peer(of socket: Int32) -> String? {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    return withUnsafeMutableBytes(of: &storage) { bytes in
      let address = bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self)
      guard getpeername(socket, address, &length) == 0 else { return nil }
      var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
      guard
        getnameinfo(address, length, &host, socklen_t(host.count), nil, 0, NI_NUMERICHOST) == 0
      else { return nil }
      return host.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    }
  }
}
