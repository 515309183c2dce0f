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
    try FileSystem.makeFolder(parent)
    let output = "\(parent)/.start-\(getpid())"
    do {
      let child = try ChildProcess(path, arguments, output: .file(output), inNewSession: true)
      return DaemonProcess(child: child, parent: parent, output: output)
    } catch {
      unlink(output)
      throw error
    }
  }
}

/// A daemon that was just started.
struct DaemonProcess {
  let child: ChildProcess
  /// The folder of the runs.
  let parent: String
  /// Where what it prints goes at first.
  let output: String

  var pid: Int32 { child.pid }

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
    let deadline = Clock.wall() + Self.patience
    while Clock.wall() < deadline {
      if let status = child.ending() { return .over(try lastWords(status)) }
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
