import Trainer

#if canImport(Glibc)
  import Glibc
#endif

/// SIGTERM and SIGINT as commands: the step is finished and saved before the program ends. A second
/// signal ends it at once.
///
/// Made before any other thread, so that all of them leave these signals to the one that waits.
final class Signals: Sendable {
  private static func wanted() -> sigset_t {
    var set = sigset_t()
    sigemptyset(&set)
    sigaddset(&set, SIGTERM)
    sigaddset(&set, SIGINT)
    sigaddset(&set, SIGHUP)
    return set
  }

  init() {
    var set = Self.wanted()
    pthread_sigmask(SIG_BLOCK, &set, nil)
    signal(SIGPIPE, SIG_IGN)
    // A write over the limit of a file's size is an error to be told, not an end.
    signal(SIGXFSZ, SIG_IGN)
  }

  /// From now on a signal posts `stop`; a hang-up is ignored, for a run outlives its terminal.
  func deliver(to mailbox: CommandMailbox) {
    var thread = pthread_t()
    let argument = Unmanaged.passRetained(mailbox)
    pthread_create(
      &thread, nil,
      { raw in
        let mailbox = Unmanaged<CommandMailbox>.fromOpaque(raw!).takeRetainedValue()
        var set = Signals.wanted()
        var received: Int32 = 0
        var asked = false
        while sigwait(&set, &received) == 0 {
          if received == SIGHUP { continue }
          if asked { _exit(128 + received) }
          asked = true
          let name = received == SIGINT ? "SIGINT" : "SIGTERM"
          fputs("\(name): finishing the step and saving\n", stderr)
          mailbox.post(
            TrainerCommand(
              id: "\(name)-\(getpid())-\(Int(wallClockSeconds()))", client: name, action: .stop))
        }
        return nil
      }, argument.toOpaque())
    pthread_detach(thread)
  }
}
