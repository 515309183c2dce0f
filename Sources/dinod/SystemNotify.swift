import Support

#if canImport(Glibc)
  import Glibc
#endif

/// Reports the state of the service to systemd, if systemd started it. The protocol is that of
/// `sd_notify`: a datagram to the socket that NOTIFY_SOCKET names.
enum SystemNotify {
  /// Whether systemd wants to be told.
  static var isWanted: Bool { Environment.value("NOTIFY_SOCKET") != nil }

  /// The seconds after which systemd restarts a service that has not said that it is alive
  /// (`WatchdogSec=`); `nil` if it does not.
  static var watchdogInterval: Double? {
    if let pid = Environment.value("WATCHDOG_PID"), pid != "\(getpid())" { return nil }
    return Environment.value("WATCHDOG_USEC").flatMap(Double.init).map { $0 / 1e6 }
  }

  static func send(_ message: String) {
    guard let path = Environment.value("NOTIFY_SOCKET") else { return }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    var bytes = ByteText.bytes(path)
    guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return }
    // A leading @ means the abstract namespace.
    if bytes[0] == UInt8(ascii: "@") { bytes[0] = 0 }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let socket = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard socket >= 0 else { return }
    defer { close(socket) }
    let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
    withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = sendto(socket, message, message.utf8.count, Int32(MSG_NOSIGNAL), $0, length)
      }
    }
  }
}
