import Run
import Support
import Synchronization
import Trainer

#if canImport(Glibc)
  @preconcurrency import Glibc
#endif

/// Turns SIGTERM and SIGINT into requests: the program ends after the step is finished and saved.
/// A second signal ends it at once.
///
/// Handlers pass signals on through a pipe. Signal masks would not suffice, since libraries start
/// threads before `main` that may receive signals.
enum Signals {
  /// The handler writes to it, and a thread waits to read from it.
  private static let channel: (read: Int32, write: Int32) = {
    var ends: [Int32] = [-1, -1]
    pipe(&ends)
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }()

  /// The number of signals that came.
  private static let count = Atomic<Int>(0)

  /// The first signal that came; 0 if none has.
  static var first: Int32 { firstNumber.load(ordering: .relaxed) }
  private static let firstNumber = Atomic<Int32>(0)

  /// Whether the program was asked to end. Commands that do not `deliver` signals look at it.
  static var isPending: Bool { count.load(ordering: .relaxed) > 0 }

  /// Holds the first signal until `deliver` is called; a second one ends the program at once, also
  /// before. What the program inherited, blocked or ignored signals, is undone first.
  ///
  /// Hang-ups are ignored, because a run outlives its terminal. So are the signals for writes to a
  /// closed pipe or a full disk, which are reported as errors instead.
  static func hold() {
    _ = channel
    _ = count.load(ordering: .relaxed) + Int(first)
    var none = sigset_t()
    sigemptyset(&none)
    sigprocmask(SIG_SETMASK, &none, nil)
    for number in Int32(1)..<32 where ![SIGKILL, SIGSTOP].contains(number) {
      signal(number, SIG_DFL)
    }
    for ignored in [SIGHUP, SIGPIPE, SIGXFSZ] { signal(ignored, SIG_IGN) }
    // SIGUSR1 is what `mpirun` forwards to all processes.
    for wanted in [SIGTERM, SIGINT, SIGUSR1] {
      signal(wanted) { number in
        if Signals.count.add(1, ordering: .relaxed).oldValue > 0 { _exit(128 + number) }
        Signals.firstNumber.store(number, ordering: .relaxed)
        var byte = UInt8(truncatingIfNeeded: number)
        let error = errno
        _ = write(Signals.channel.write, &byte, 1)
        errno = error
      }
    }
  }

  /// Ignores requests to end, which another process of the run carries out for all.
  static func ignore() {
    for ignored in [SIGTERM, SIGINT, SIGUSR1] { signal(ignored, SIG_IGN) }
  }

  /// Posts `stop` for the first signal, even if it came before this call.
  static func deliver(to mailbox: ChangeMailbox) throws {
    let thread = try PosixThread { wait(mailbox) }
    thread.detach()
  }

  private static func wait(_ mailbox: ChangeMailbox) {
    var number: UInt8 = 0
    while true {
      let count = read(channel.read, &number, 1)
      if count < 0 && errno == EINTR { continue }
      guard count == 1 else { return }
      let names = [SIGINT: "SIGINT", SIGUSR1: "SIGUSR1"]
      let name = names[Int32(number)] ?? "SIGTERM"
      fputs("\(name): finishing the step and saving; a second signal ends at once\n", stderr)
      mailbox.post(
        ChangeRequest(
          id: "\(name)-\(getpid())-\(Int(Clock.wall()))", client: name, change: .stop,
          isOwn: true))
    }
  }
}
