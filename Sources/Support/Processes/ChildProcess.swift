#if canImport(Glibc)
  import Glibc
#endif

/// Another program that this one starts. It inherits nothing but what is named here: descriptors
/// from 3 up are closed, signals have their default meaning and none is blocked.
package struct ChildProcess: Sendable {
  package let pid: pid_t

  /// Where a child's output and errors go.
  package enum Output {
    /// To a new file, for its owner alone.
    case file(String)
    /// To a descriptor of this process, such as a pipe's.
    case descriptor(Int32)
  }

  /// `POSIX_SPAWN_SETSID` and `POSIX_SPAWN_…`, which the importer leaves out or types otherwise.
  private static let newSession: Int16 = 0x80
  private static let defaultSignals: Int16 = 0x04
  private static let signalMask: Int16 = 0x08

  /// Starts a program, with nothing to read from its standard input.
  ///
  /// - Parameters:
  ///   - path: the program's file.
  ///   - arguments: the words behind its name.
  ///   - inNewSession: whether it outlives this program's terminal.
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
        &actions, STDOUT_FILENO, path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0o600)
    case .descriptor(let file):
      posix_spawn_file_actions_adddup2(&actions, file, STDOUT_FILENO)
    }
    posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
    Self.closeOthersOnStart()
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
    var words = ([path] + arguments).map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var pid: pid_t = 0
    let code = posix_spawn(&pid, path, &actions, &attributes, &words, environ)
    guard code == 0 else { throw FileError(path, cannot: "be started", errno: code) }
    self.pid = pid
  }

  /// Marks all descriptors from 3 up to be closed where another program takes this one's place: a
  /// library may have opened some without it.
  private static func closeOthersOnStart() {
    for name in (try? FileSystem.names(in: "/proc/self/fd")) ?? [] {
      if let file = Int32(name), file > 2 { _ = fcntl(file, F_SETFD, FD_CLOEXEC) }
    }
  }

  /// How it ended, as `waitpid` says it; nil while it goes on.
  package func ending() -> Int32? {
    var status: Int32 = 0
    return waitpid(pid, &status, WNOHANG) == pid ? status : nil
  }
}
