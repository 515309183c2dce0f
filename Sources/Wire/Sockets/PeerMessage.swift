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
  /// The address of the sender; empty if it is unknown.
  package var address = ""
  /// The descriptor of the connection over which it came; -1 if it is unknown.
  private var connection: Int32 = -1

  /// Reads the properties of a received message.
  mutating func readProperties(of message: UnsafeMutablePointer<zmq_msg_t>) {
    user = zmq_msg_gets(message, "User-Id").map { String(cString: $0) }
    address = zmq_msg_gets(message, "Peer-Address").map { String(cString: $0) } ?? ""
    connection = zmq_msg_get(message, ZMQ_SRCFD)
  }

  /// Ends the sender's connection, unless its descriptor belongs to another peer by now.
  package func disconnectSender() {
    guard connection >= 0, !address.isEmpty, Self.peer(of: connection) == address else { return }
    shutdown(connection, Int32(SHUT_RDWR))
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
      return String(cString: host)
    }
  }
}
