#if canImport(Glibc)
  import Glibc
#endif

/// A program that this one starts. It inherits only what is named here: descriptors from 3 up are
/// closed, signals have their default actions, and none is blocked.
package struct ChildProcess: Sendable {
  /// The process id.
  package let pid: pid_t

  /// The destination of a child's standard output and standard error.
  package enum Output {
    /// A file, which is emptied if it exists and otherwise created for its owner alone.
    case file(String)
    /// A descriptor of this process, such as a pipe.
    case descriptor(Int32)
  }

  /// `POSIX_SPAWN_SETSID`, `POSIX_SPAWN_SETSIGDEF` and `POSIX_SPAWN_SETSIGMASK`, which Swift does
  /// not import or imports with another type.
  private static let newSession: Int16 = 0x80
  private static let defaultSignals: Int16 = 0x04
  private static let signalMask: Int16 = 0x08

  /// Starts a program with an empty standard input.
  ///
  /// - Parameters:
  ///   - path: The program's file.
  ///   - arguments: Its arguments, without the program's name.
  ///   - output: The destination of its standard output and standard error.
  ///   - inNewSession: Whether it runs in a new session, so that it outlives the terminal.
  package init(
    _ path: String, _ arguments: [String], output: Output, inNewSession: Bool = false
  ) throws(FileError) {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    switch output {
    case .file(let path):
      posix_spawn_file_actions_addopen(
        &actions, STDOUT_FILENO, FilePath.c(path), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0o600)
    case .descriptor(let file):
      posix_spawn_file_actions_adddup2(&actions, file, STDOUT_FILENO)
    }
    posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
    InheritedFiles.closeOnStart()
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var all = sigset_t()
    var none = sigset_t()
    sigfillset(&all)
    sigemptyset(&none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(
      &attributes,
      Self.defaultSignals | Self.signalMask | (inNewSession ? Self.newSession : 0))
    var words = ([path] + arguments).map { strdup(FilePath.c($0)) } + [nil]
    defer { for word in words { free(word) } }
    var pid: pid_t = 0
    let code = posix_spawn(&pid, FilePath.c(path), &actions, &attributes, &words, environ)
    guard code == 0 else { throw FileError(path, cannot: "be started", errno: code) }
    self.pid = pid
  }

  /// Returns the exit status as `waitpid` reports it; `nil` while the process runs.
  package func ending() -> Int32? {
    var status: Int32 = 0
    return waitpid(pid, &status, WNOHANG) == pid ? status : nil
  }
}
