import CMicroHTTPD
import Support

#if canImport(Glibc)
  import Glibc
#endif

/// The work of a `MetricsServer`'s thread: it answers requests by libmicrohttpd, which does nothing unless
/// it is called here.
///
/// It is made on the caller's thread and then used on its own thread alone, except for `stop()`.
final class HTTPLoop: @unchecked Sendable {
  private let page: SharedPage
  /// Readable when the loop has to end.
  private let ending: Int32
  private var daemon: OpaquePointer!
  /// When each connection is ended, by its socket, on the monotonic clock.
  private var deadlines: [Int32: Double] = [:]

  /// The most connections at a time, and the largest request in bytes.
  private static let connections: UInt32 = 16
  private static let memory = 16 << 10
  /// Seconds after which a silent connection is ended, and any other one.
  private static let silence: UInt32 = 5
  private static let patience = 10.0

  init(port: Int, page: SharedPage) throws(MetricsServerError) {
    self.page = page
    ending = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
    daemon = dino_http_start(
      UInt16(port),
      { context, connection, url, method, _, _, _, _ in
        HTTPLoop.of(context).answer(connection!, url, method)
      },
      { context, connection, _, what in HTTPLoop.of(context).notice(connection!, what) },
      Unmanaged.passUnretained(self).toOpaque(),
      Self.connections, Self.silence, Self.memory)
    guard daemon != nil else {
      let reason = SystemReason.of(errno)
      close(ending)
      throw MetricsServerError("127.0.0.1:\(port) cannot be listened on: \(reason)")
    }
  }

  /// The port that it listens on.
  var port: Int { Int(dino_http_port(daemon)) }

  /// Makes `run()` return. Any thread may call it.
  func stop() { eventfd_write(ending, 1) }

  /// Serves until it is stopped.
  func run() {
    var files = [
      pollfd(fd: dino_http_descriptor(daemon), events: Int16(POLLIN), revents: 0),
      pollfd(fd: ending, events: Int16(POLLIN), revents: 0),
    ]
    while files[1].revents == 0 {
      MHD_run(daemon)
      endSlow()
      var due: UInt64 = 1000
      if MHD_get_timeout(daemon, &due) != .YES { due = 1000 }
      poll(&files, 2, deadlines.isEmpty && due > 1000 ? 1000 : Int32(min(due, 250)))
    }
    MHD_stop_daemon(daemon)
    close(ending)
  }

  /// Ends connections that take too long however much they send; the library ends silent ones.
  private func endSlow() {
    let now = Clock.monotonic()
    for (socket, deadline) in deadlines where deadline < now { shutdown(socket, Int32(SHUT_RDWR)) }
  }

  private static func of(_ context: UnsafeMutableRawPointer?) -> HTTPLoop {
    Unmanaged<HTTPLoop>.fromOpaque(context!).takeUnretainedValue()
  }

  /// Notes that a connection begins or has ended.
  private func notice(_ connection: OpaquePointer, _ what: MHD_ConnectionNotificationCode) {
    deadlines[dino_http_socket(connection)] =
      dino_http_begins(what) != 0 ? Clock.monotonic() + Self.patience : nil
  }

  /// Answers a request.
  private func answer(
    _ connection: OpaquePointer, _ url: UnsafePointer<CChar>?, _ method: UnsafePointer<CChar>?
  ) -> MHD_Result {
    let method = method.map { String(cString: $0) } ?? ""
    guard method == "GET" || method == "HEAD" else {
      return send(405, "only GET is answered\n", to: connection, [("Allow", "GET, HEAD")])
    }
    guard url.map({ String(cString: $0) }) == "/metrics" else {
      return send(404, "the metrics are at /metrics\n", to: connection)
    }
    return send(200, page.text, to: connection)
  }

  private func send(
    _ status: UInt32, _ text: String, to connection: OpaquePointer,
    _ headers: [(String, String)] = []
  ) -> MHD_Result {
    var bytes = Array(text.utf8)
    guard
      let response = MHD_create_response_from_buffer(bytes.count, &bytes, .RESPMEM_MUST_COPY)
    else { return .NO }
    defer { MHD_destroy_response(response) }
    let type = "text/plain; version=0.0.4; charset=utf-8"
    for (name, value) in [("Content-Type", type), ("Connection", "close")] + headers {
      MHD_add_response_header(response, name, value)
    }
    return MHD_queue_response(connection, status, response)
  }
}
