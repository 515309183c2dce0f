import Prometheus
import Run
import Support
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// Real sockets, as Prometheus and others who mean less well use them.
@Suite struct MetricsServerTests {
  /// A connection to a port of this machine.
  private final class Client {
    private let socket: Int32

    /// - Parameter seconds: after which reading gives up.
    init(_ port: Int, seconds: Int = 30) {
      socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      var limit = timeval(tv_sec: seconds, tv_usec: 0)
      setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_port = in_port_t(UInt16(port).bigEndian)
      address.sin_addr.s_addr = inet_addr("127.0.0.1")
      let size = socklen_t(MemoryLayout<sockaddr_in>.size)
      _ = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(socket, $0, size) }
      }
    }

    deinit { close(socket) }

    /// Sends a text. Returns whether that was possible.
    @discardableResult
    func send(_ text: String) -> Bool {
      var bytes = Array(text.utf8)
      return Glibc.send(socket, &bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }

    /// Returns all that comes until the connection is ended; `nil` if it is not ended in time.
    func rest() -> String? {
      var all: [UInt8] = []
      var part = [UInt8](repeating: 0, count: 4096)
      while true {
        let count = recv(socket, &part, part.count, 0)
        if count > 0 { all += part[..<count] }
        if count == 0 || (count < 0 && errno == ECONNRESET) {
          return String(decoding: all, as: UTF8.self)
        }
        if count < 0 { return nil }
      }
    }

    /// Sends a request and returns the answer's head and body.
    func ask(_ request: String) -> (head: String, body: String)? {
      send(request)
      guard let answer = rest(), let end = answer.range(of: "\r\n\r\n") else { return nil }
      return (String(answer[..<end.lowerBound]), String(answer[end.upperBound...]))
    }
  }

  private func server() throws -> MetricsServer {
    var page = MetricsPage(run: "moths")
    page.take(Sample(step: 1, time: 1, values: [.totalLoss: 2.5]))
    return try MetricsServer(port: 0, page)
  }

  private let get = "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"

  @Test("GET /metrics is the page as it is then")
  func page() throws {
    let server = try server()
    let first = try #require(Client(server.port).ask(get))
    #expect(first.head.hasPrefix("HTTP/1.1 200 "))
    #expect(first.head.contains("Content-Type: text/plain; version=0.0.4; charset=utf-8"))
    #expect(first.body.contains("dino_total_loss{run=\"moths\"} 2.5\n"))
    server.update { $0.take(Sample(step: 2, time: 2, values: [.totalLoss: 1.5])) }
    let second = try #require(Client(server.port).ask(get))
    #expect(second.body.contains("dino_total_loss{run=\"moths\"} 1.5\n"))
    let old = try #require(Client(server.port).ask("GET /metrics HTTP/1.0\r\n\r\n"))
    #expect(old.head.contains(" 200 ") && old.body == second.body)
    let head = try #require(Client(server.port).ask("HEAD /metrics HTTP/1.1\r\nHost: a\r\n\r\n"))
    #expect(head.head.contains("Content-Length: \(second.body.utf8.count)") && head.body == "")
  }

  @Test("other paths and methods are refused, and so is what is no HTTP")
  func refuses() throws {
    let server = try server()
    let other = try #require(Client(server.port).ask("GET / HTTP/1.1\r\nHost: a\r\n\r\n"))
    #expect(other.head.hasPrefix("HTTP/1.1 404 ") && other.body == "the metrics are at /metrics\n")
    let post = try #require(
      Client(server.port).ask("POST /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi"))
    #expect(post.head.hasPrefix("HTTP/1.1 405 ") && post.head.contains("Allow: GET, HEAD"))
    for wrong in ["nonsense\r\n\r\n", "\0\u{1}\u{2}\r\n\r\n", "GET\r\n\r\n"] {
      let client = Client(server.port)
      client.send(wrong)
      #expect(client.rest()?.contains(" 200 ") == false)
    }
    #expect(Client(server.port).ask(get)?.head.contains(" 200 ") == true)
  }

  @Test("a request that is too large ends its connection")
  func tooLarge() throws {
    let server = try server()
    let client = Client(server.port)
    client.send("GET /metrics HTTP/1.1\r\nX: " + String(repeating: "x", count: 1 << 20))
    let answer = try #require(client.rest())
    #expect(!answer.contains(" 200 "))
    #expect(Client(server.port).ask(get)?.head.contains(" 200 ") == true)
  }

  @Test("clients that send nothing, or a byte at a time, are cut, and others get their answer")
  func slow() throws {
    let server = try server()
    let began = Clock.monotonic()
    let silent = (0..<40).map { _ in Client(server.port) }
    let dripping = Client(server.port)
    for byte in "GET /metrics HTTP/1.1\r\nX-Slow: " { dripping.send(String(byte)) }
    // All places are taken, so this waits until one is free.
    #expect(Client(server.port).ask(get)?.head.contains(" 200 ") == true)
    while dripping.send("x") && Clock.monotonic() - began < 60 { usleep(200_000) }
    #expect(Clock.monotonic() - began < 60, "the client that drips is cut")
    for client in silent { #expect(client.rest() == "") }
    // Nobody who reports had to wait.
    server.update { $0.take(Sample(step: 2, time: 2, values: [:])) }
  }

  @Test("stopping ends open connections at once and frees the port")
  func stops() throws {
    let server = try server()
    let client = Client(server.port)
    client.send("GET ")
    usleep(50_000)
    let began = Clock.monotonic()
    server.stop()
    server.stop()
    #expect(Clock.monotonic() - began < 3)
    #expect(client.rest() == "")
    let next = try MetricsServer(port: server.port, MetricsPage(run: "wasps"))
    #expect(Client(next.port).ask(get)?.body.contains("run=\"wasps\"") == true)
  }

  @Test("a port that is taken is an error of one line")
  func taken() throws {
    let server = try server()
    let error = #expect(throws: MetricsServerError.self) {
      try MetricsServer(port: server.port, MetricsPage(run: "wasps"))
    }
    #expect(
      error?.description == "127.0.0.1:\(server.port) cannot be listened on: Address already in use"
    )
  }
}
