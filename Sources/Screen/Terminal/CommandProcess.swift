import Support

#if canImport(Glibc)
  import Glibc
#endif

/// A command of this program that runs beside the screen, its output kept. One thread owns it.
final class CommandProcess {
  /// How it ended.
  struct Ending {
    let succeeded: Bool
    /// What it printed, errors included.
    let output: String
  }

  private let pid: pid_t
  private let output: Int32
  private var bytes: [UInt8] = []
  private var isOver = false

  /// `words` as they would stand behind the program's name on a command line. Throws the reason why
  /// it could not be started.
  init(_ words: [String]) throws(CommandProcessError) {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else {
      throw CommandProcessError(String(cString: strerror(errno)))
    }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
    output = ends[0]
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO)
    var arguments = ([executablePath] + words).map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    var started: pid_t = 0
    let code = posix_spawn(&started, executablePath, &actions, nil, &arguments, environ)
    close(ends[1])
    guard code == 0 else {
      close(output)
      throw CommandProcessError(String(cString: strerror(code)))
    }
    pid = started
  }

  /// It goes on by itself where nobody waits for it any more.
  deinit { close(output) }

  /// What became of it; nil while it goes on.
  func poll() -> Ending? {
    guard !isOver else { return nil }
    var part = [UInt8](repeating: 0, count: 4096)
    while case let count = read(output, &part, part.count), count > 0 {
      bytes += part[..<count]
    }
    var status: Int32 = 0
    guard waitpid(pid, &status, WNOHANG) == pid else { return nil }
    isOver = true
    while case let count = read(output, &part, part.count), count > 0 {
      bytes += part[..<count]
    }
    return Ending(succeeded: status == 0, output: String(decoding: bytes, as: UTF8.self))
  }
}

/// Why a command could not be started.
struct CommandProcessError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
