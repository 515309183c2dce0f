import Foundation
import TestSupport
import Testing
import Wire

#if canImport(Glibc)
  import Glibc
#endif

/// What subscribers may send, spoken in bytes (ZMTP 3.0), since a library connects again by itself.
@Suite(.timeLimit(.minutes(20))) struct SubscriptionTests {
  /// A subscriber's connection.
  private final class Connection {
    private let socket = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)

    init(path: String) {
      var address = sockaddr_un()
      address.sun_family = sa_family_t(AF_UNIX)
      withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
      let code = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          connect(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
      }
      precondition(code == 0)
      var patience = timeval(tv_sec: 10, tv_usec: 0)
      setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
      let mechanism = Array("NULL".utf8) + [UInt8](repeating: 0, count: 16)
      send(
        [0xFF] + [UInt8](repeating: 0, count: 8) + [0x7F, 3, 0] + mechanism
          + [UInt8](repeating: 0, count: 32))
      let ready = [5] + Array("READY".utf8) + [11] + Array("Socket-Type".utf8) + [0, 0, 0, 3]
      send([4, UInt8(ready.count + 3)] + ready + Array("SUB".utf8))
      _ = receive(64)
      // The server's own READY.
      let head = receive(2)
      _ = receive(Int(head.last ?? 0))
    }

    deinit { close(socket) }

    func send(_ bytes: [UInt8]) {
      _ = Glibc.send(socket, bytes, bytes.count, Int32(truncatingIfNeeded: MSG_NOSIGNAL))
    }

    /// Subscribes to a topic.
    func subscribe(_ topic: [UInt8]) {
      let message = [1] + topic
      let size = withUnsafeBytes(of: UInt64(message.count).bigEndian) { Array($0) }
      send((message.count < 256 ? [0, UInt8(message.count)] : [2] + size) + message)
    }

    /// Whether the server closes the connection, after what it has sent. If it does so before it has
    /// read all that was sent to it, the system calls the connection reset.
    func ends() -> Bool {
      var bytes = [UInt8](repeating: 0, count: 4096)
      while true {
        let count = recv(socket, &bytes, bytes.count, 0)
        if count <= 0 { return count == 0 || errno == ECONNRESET }
      }
    }

    /// Returns the next bytes; fewer if the server has closed the connection.
    func receive(_ count: Int) -> [UInt8] {
      var bytes = [UInt8](repeating: 0, count: count)
      var got = 0
      while got < count {
        let more = bytes.withUnsafeMutableBytes {
          recv(socket, $0.baseAddress! + got, count - got, 0)
        }
        guard more > 0 else { break }
        got += more
      }
      return Array(bytes[..<got])
    }
  }

  private func path(_ test: TestServer) -> String {
    String(test.folder.endpoints.feed.dropFirst("ipc://".count))
  }

  @Test("a topic of any length that exists is served")
  func short() throws {
    let test = try TestServer()
    for topic in ["", "heart", String(repeating: "x", count: 255)] {
      let connection = Connection(path: path(test))
      connection.subscribe(Array(topic.utf8))
      connection.subscribe([])
      // A frame of the heartbeat: its flags, its size, its topic.
      #expect(connection.receive(11).suffix(9) == Array("heartbeat".utf8)[...], "\(topic)")
    }
  }

  @Test("a topic that is too long ends its sender's connection and no other")
  func long() throws {
    let test = try TestServer()
    let other = Connection(path: path(test))
    other.subscribe([])
    #expect(other.receive(11).count == 11)
    let connection = Connection(path: path(test))
    connection.subscribe([UInt8](repeating: 120, count: 4096))
    #expect(connection.ends())
    #expect(other.receive(11).count == 11)
  }

  @Test("a client that subscribes without end is disconnected; others follow the run all the same")
  func many() throws {
    let test = try TestServer()
    let connection = Connection(path: path(test))
    for number in 0..<6000 { connection.subscribe(Array("topic \(number)".utf8)) }
    #expect(connection.ends())
    // The feed is there again, under the same path.
    let other = Connection(path: path(test))
    other.subscribe([])
    #expect(other.receive(11).suffix(9) == Array("heartbeat".utf8)[...])
  }
}
