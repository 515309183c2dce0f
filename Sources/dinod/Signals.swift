import Run
import Support
import Trainer

#if canImport(Glibc)
  @preconcurrency import Glibc
#endif

/// SIGTERM and SIGINT as commands: the step is finished and saved before the program ends. A second
/// signal ends it at once.
///
/// Handlers pass signals on through a pipe: masks would not do, since libraries start threads before
/// `main` that signals may reach.
enum Signals {
  /// Read by the thread that waits, written by the handler.
  private static let channel: (read: Int32, write: Int32) = {
    var ends: [Int32] = [-1, -1]
    pipe(&ends)
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }()

  /// From now on signals wait to be delivered. A hang-up is ignored, for a run outlives its
  /// terminal; so are writes to what is closed or full, which are errors to be told and no ends.
  static func hold() {
    _ = channel
    for ignored in [SIGHUP, SIGPIPE, SIGXFSZ] { signal(ignored, SIG_IGN) }
    for wanted in [SIGTERM, SIGINT] {
      signal(wanted) { number in
        var byte = UInt8(truncatingIfNeeded: number)
        let error = errno
        _ = write(Signals.channel.write, &byte, 1)
        errno = error
      }
    }
  }

  /// Posts `stop` for the first signal, held ones included.
  static func deliver(to mailbox: ChangeMailbox) throws {
    let thread = try PosixThread { wait(mailbox) }
    thread.detach()
  }

  private static func wait(_ mailbox: ChangeMailbox) {
    var asked = false
    var number: UInt8 = 0
    while true {
      let count = read(channel.read, &number, 1)
      if count < 0 && errno == EINTR { continue }
      guard count == 1 else { return }
      if asked { _exit(128 + Int32(number)) }
      asked = true
      let name = Int32(number) == SIGINT ? "SIGINT" : "SIGTERM"
      fputs("\(name): finishing the step and saving; once more ends at once\n", stderr)
      mailbox.post(
        ChangeRequest(
          id: "\(name)-\(getpid())-\(Int(Clock.wall()))", client: name, change: .stop))
    }
  }
}
