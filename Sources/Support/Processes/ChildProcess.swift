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

  /// Starts a program.
  ///
  /// - Parameters:
  ///   - path: The program's file.
  ///   - arguments: Its arguments, without the program's name.
  ///   - input: The file that is its standard input; by default an empty one.
  ///   - output: The destination of its standard output and standard error.
  ///   - variables: What its environment has besides that of this process, or instead of it.
  ///   - inNewSession: Whether it runs in a new session, so that it outlives the terminal.
  package init(
    _ path: String, _ arguments: [String], input: String = "/dev/null", output: Output,
    variables: [String: String] = [:], inNewSession: Bool = false
  ) throws(FileError) {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, FilePath.c(input), O_RDONLY, 0)
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
    var environment = Self.environment(with: variables)
    defer { for variable in environment { free(variable) } }
    var pid: pid_t = 0
    let code = posix_spawn(&pid, FilePath.c(path), &actions, &attributes, &words, &environment)
    guard code == 0 else { throw FileError(path, cannot: "be started", errno: code) }
    self.pid = pid
  }

  /// Returns a copy of this process's environment with other values of some variables, and a final
  /// `nil`.
  private static func environment(
    with variables: [String: String]
  ) -> [UnsafeMutablePointer<CChar>?] {
    var all: [UnsafeMutablePointer<CChar>?] = []
    var next = environ
    while let variable = next.pointee {
      let name = ByteText.text(variable).prefix { $0 != "=" }
      if variables[String(name)] == nil { all.append(strdup(variable)) }
      next += 1
    }
    return all + variables.map { strdup(FilePath.c("\($0)=\($1)")) } + [nil]
  }

  /// Returns the exit status as `waitpid` reports it; `nil` while the process runs.
  package func ending() -> Int32? {
    var status: Int32 = 0
    return waitpid(pid, &status, WNOHANG) == pid ? status : nil
  }
}
