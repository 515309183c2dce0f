import Support

#if canImport(Glibc)
  import Glibc
#endif

/// Writes lines to standard output, and notices when nobody reads them any more, as after `| head`.
final class LineWriter {
  /// Whether somebody may read what is written.
  private(set) var isOpen = true
  private var waiting: [UInt8] = []

  private static let limit = 1 << 16

  /// A program that no longer reads ends the output, not this program by a signal.
  init() { signal(SIGPIPE, SIG_IGN) }

  func write(_ line: String) {
    guard isOpen else { return }
    waiting += line.utf8
    waiting.append(UInt8(ascii: "\n"))
    if waiting.count >= Self.limit { flush() }
  }

  /// Hands over what was written.
  func flush() {
    guard isOpen, !waiting.isEmpty else { return }
    if waiting.withUnsafeBytes({ FileSystem.write($0, to: STDOUT_FILENO) }) != 0 { isOpen = false }
    waiting = []
  }

  /// Waits until a descriptor is readable, the reader of the output is gone, or some time has passed.
  func wait(for descriptor: Int32, milliseconds: Int32) {
    var files = [
      pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
      pollfd(fd: STDOUT_FILENO, events: 0, revents: 0),
    ]
    _ = poll(&files, 2, milliseconds)
    if files[1].revents != 0 { isOpen = false }
  }
}
