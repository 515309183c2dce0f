import Foundation
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// A process that a test has started, and its output so far.
final class Program {
  let pid: pid_t
  private let outputPath: String
  private let errorPath: String
  private var ended: Int32?

  /// The exit code of a process, and all its output.
  struct Ending: CustomStringConvertible {
    /// The exit code, or 128 plus the number of the signal, as in a shell.
    let code: Int32
    let output: String
    let errors: String

    /// The lines that it printed on stderr.
    var errorLines: [String] { errors.split(separator: "\n").map(String.init) }
    var description: String { "exit code \(code)\n\(output)\n\(errors)" }
  }

  /// Starts `words[0]`, a path, with the given environment. It inherits neither the terminal nor
  /// the input of this process. Its output goes to files named after `log`.
  init(_ words: [String], environment: [String: String], log: String) throws {
    (outputPath, errorPath) = (log + ".out", log + ".err")
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    for (file, path) in [(STDOUT_FILENO, outputPath), (STDERR_FILENO, errorPath)] {
      posix_spawn_file_actions_addopen(&actions, file, path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    }
    // A test's thread may block signals, which a shell does not.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    var arguments = words.map { strdup($0) } + [nil]
    var variables = environment.map { strdup("\($0)=\($1)") } + [nil]
    defer { for string in arguments + variables { free(string) } }
    var started = pid_t()
    let code = posix_spawn(&started, words[0], &actions, &attributes, &arguments, &variables)
    try #require(code == 0, "\(words[0]): \(String(cString: strerror(code)))")
    pid = started
  }

  deinit {
    guard isRunning else { return }
    Glibc.kill(pid, SIGKILL)
    waitpid(pid, nil, 0)
  }

  /// Whether the process has not ended yet.
  var isRunning: Bool {
    if ended != nil { return false }
    var status: Int32 = 0
    guard waitpid(pid, &status, WNOHANG) == pid else { return true }
    let signal = status & 0x7f
    ended = signal == 0 ? status >> 8 & 0xff : 128 + signal
    return false
  }

  /// Sends a signal, unless the process has ended: another process may have its number by then.
  func kill(_ signal: Int32) {
    if isRunning { Glibc.kill(pid, signal) }
  }

  var output: String { text(outputPath) }
  var errors: String { text(errorPath) }

  /// Waits until the process ends.
  func wait() throws -> Ending {
    try eventually("process \(pid) ends; it printed: \(output.suffix(1000))\(errors)") {
      !isRunning
    }
    return Ending(code: ended!, output: output, errors: errors)
  }

  /// Ends the process at once and without warning, as the system does when memory runs out.
  func killAtOnce() throws {
    kill(SIGKILL)
    _ = try wait()
  }

  private func text(_ path: String) -> String {
    String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
  }
}

/// Waits until a condition holds, checking often. Throws if it does not hold in time.
func eventually(
  _ what: @autoclosure () -> String, within seconds: Double = 120, _ condition: () throws -> Bool
) throws {
  _ = try waitFor(what(), within: seconds) { try condition() ? true : nil }
}

/// Waits until there is a value, checking often. Throws if there is none in time.
@discardableResult
func waitFor<Value>(
  _ what: @autoclosure () -> String, within seconds: Double = 120, _ look: () throws -> Value?
) throws -> Value {
  let deadline = Date().addingTimeInterval(seconds)
  while true {
    if let value = try look() { return value }
    try #require(Date() < deadline, "not within \(seconds) s: \(what())")
    usleep(1000)
  }
}
