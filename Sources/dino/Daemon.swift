import CommandKit
import FoundationEssentials
import History
import Screen
import Support
import Wire

#if canImport(Glibc)
  import Glibc
#endif

/// The trainer's program, `dinod`.
struct Daemon {
  let path: String

  /// `POSIX_SPAWN_SETSID`, which the importer leaves out.
  private static let newSession: Int16 = 0x80

  /// Beside this program, else in `PATH`.
  static func find() throws(Failure) -> Daemon {
    let own = executablePath.prefix(
      upTo: executablePath.lastIndex(of: "/") ?? executablePath.startIndex)
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    let folders = [own] + path.split(separator: ":")
    guard let folder = folders.first(where: { access("\($0)/dinod", X_OK) == 0 }) else {
      throw Failure(
        "dinod, the program that trains, is neither in \(own) nor in PATH; install it there")
    }
    return Daemon(path: "\(folder)/dinod")
  }

  /// Starts it in a session of its own, so that it outlives this program and its terminal.
  ///
  /// What it prints goes to a file beside the runs, moved into the run's folder once that is known:
  /// its own log tells what happened, this file why it could not begin or how it crashed.
  func launch(_ arguments: [String], runs parent: String?) throws -> DaemonProcess {
    let parent = parent ?? RunDirectory.defaultParent
    try RunDirectory.createFolder(parent)
    let output = "\(parent)/.start-\(getpid())"
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(
      &actions, STDOUT_FILENO, output, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0o600)
    posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    posix_spawnattr_setflags(&attributes, Self.newSession)
    var words = ([path] + arguments).map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var pid: pid_t = 0
    let code = posix_spawn(&pid, path, &actions, &attributes, &words, environ)
    guard code == 0 else {
      unlink(output)
      throw Failure("\(path) cannot be started: \(String(cString: strerror(code)))")
    }
    return DaemonProcess(pid: pid, parent: parent, output: output)
  }
}

/// A daemon that was just started.
struct DaemonProcess {
  let pid: Int32
  /// The folder of the runs.
  let parent: String
  /// Where what it prints goes at first.
  let output: String

  /// Seconds until a daemon that says nothing is taken for stuck: it reads a data set's folders.
  private static let patience = 120.0

  /// What became of it.
  enum Beginning {
    case answers(FoundRun)
    /// The run was over at once, and well; the daemon's last words say how.
    case over(String)
  }

  /// Waits until the run's socket answers. Throws the daemon's own last words where it fails before.
  func waitUntilItAnswers() throws(Failure) -> Beginning {
    let deadline = now() + Self.patience
    while now() < deadline {
      var status: Int32 = 0
      if waitpid(pid, &status, WNOHANG) == pid { return .over(try lastWords(status)) }
      if let run = run, answers(run) {
        rename(output, run.path + "/output")
        return .answers(FoundRun(run))
      }
      usleep(50_000)
    }
    throw Failure(
      "process \(pid) runs but does not answer after \(Format.duration(Self.patience)); "
        + "what it printed is in \(output)")
  }

  /// The run whose lock the daemon holds, nil until it does.
  private var run: RunDirectory? {
    RunDirectory.list(parent: parent).first { RunLock.holder(of: $0) == pid }
      .map {
        RunDirectory(name: $0.name, parent: parent == RunDirectory.defaultParent ? nil : parent)
      }
  }

  private func answers(_ run: RunDirectory) -> Bool {
    let reply = try? RunClient.request(
      .hello, at: RunEndpoints(run), client: ClientName.of("dino start"), timeout: 0.5)
    return reply?.outcome == .ok
  }

  /// The last line of a daemon that has ended; thrown where it did not end well.
  private func lastWords(_ status: Int32) throws(Failure) -> String {
    let text = FileManager.default.contents(atPath: output).map {
      String(decoding: $0, as: UTF8.self)
    }
    unlink(output)
    // It is this program that speaks.
    let line = text?.split(separator: "\n").last.map { line in
      String(line.hasPrefix("dinod: ") ? line.dropFirst("dinod: ".count) : line)
    }
    let signal = status & 0x7f
    guard signal == 0 else {
      let words = line.map { "; it last said: \($0)" } ?? ""
      throw Failure("dinod was ended by signal \(signal)\(words)", code: 128 + signal)
    }
    let code = status >> 8 & 0xff
    let words = line ?? "dinod ended without a word (exit code \(code))"
    guard code == 0 else { throw Failure(words, code: code) }
    return words
  }
}
