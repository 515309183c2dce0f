import CommandKit
import FoundationEssentials
import History
import Screen
import Support
import Wire

#if canImport(Glibc)
  import Glibc
#endif

/// The training program, `dinod`.
struct Daemon {
  let path: String

  /// Finds `dinod` in the folder of this program, or else in `PATH`.
  static func find() throws(Failure) -> Daemon {
    let own = FilePath.parent(of: executablePath)
    guard let path = ProgramPath.find("dinod", in: [own]) else {
      throw Failure(
        "cannot find dinod, the program that trains, in \(own) or PATH; install it there")
    }
    return Daemon(path: path)
  }

  /// Returns the line that `dinod --version` prints.
  func versionLine() throws -> String {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw Failure("cannot make a pipe: \(SystemReason.of(errno))") }
    defer { close(ends[0]) }
    let child: ChildProcess
    do {
      defer { close(ends[1]) }
      child = try ChildProcess(path, ["--version"], output: .descriptor(ends[1]))
    }
    var bytes = [UInt8](repeating: 0, count: 4096)
    var text = ""
    while true {
      let count = read(ends[0], &bytes, bytes.count)
      guard count > 0 else { break }
      text += String(decoding: bytes[..<count], as: UTF8.self)
    }
    while child.ending() == nil { usleep(1000) }
    return text.split(separator: "\n").last.map(String.init) ?? ""
  }

  /// Starts the daemon in a new session, so that it outlives this program and its terminal.
  ///
  /// Its output goes to a file in the folder of runs, which is moved into the run's folder once
  /// that is known. The run's log tells what happened in the run; this file tells why the run could
  /// not begin or how the daemon crashed, so it stays short however long the run is.
  func launch(_ arguments: [String], runs parent: String?) throws -> DaemonProcess {
    let parent = parent ?? RunDirectory.defaultParent
    try FileSystem.makeFolder(parent)
    let output = "\(parent)/.start-\(getpid())"
    let file = FileSystem.open(output, O_WRONLY | O_CREAT | O_TRUNC)
    guard file >= 0 else { throw FileError(output, cannot: "be created") }
    close(file)
    do {
      let child = try ChildProcess(
        path, arguments + ["--quiet"], output: .file(output), inNewSession: true)
      return DaemonProcess(child: child, parent: parent, output: output)
    } catch {
      try? FileSystem.removeFile(output)
      throw error
    }
  }
}

/// A daemon that was just started.
struct DaemonProcess {
  let child: ChildProcess
  /// The folder that holds the runs.
  let parent: String
  /// The file that first receives the daemon's output.
  let output: String

  var pid: Int32 { child.pid }

  /// The seconds after which a daemon that does not answer is reported. It may have to read a large
  /// data set's folders first.
  private static let patience = 120.0

  /// How the start of a daemon ended.
  enum Beginning {
    case answers(RunDirectory)
    /// The run ended at once without an error. The text is the daemon's last line of output.
    case over(String)
  }

  /// Waits until the run's socket answers. Throws the daemon's last line of output if it fails
  /// before.
  func waitUntilItAnswers() throws(Failure) -> Beginning {
    let deadline = Clock.monotonic() + Self.patience
    while Clock.monotonic() < deadline {
      if let status = child.ending() { return .over(try exitReason(status)) }
      if let run = run, answers(run) {
        try? FileSystem.move(output, to: run.path + "/output")
        return .answers(run)
      }
      usleep(50_000)
    }
    throw Failure(
      "process \(pid) runs but has not answered for \(Format.duration(Self.patience)); "
        + "its output is in \(output)")
  }

  /// The run whose lock the daemon holds, or a process that it started; `nil` if there is none yet.
  private var run: RunDirectory? {
    (try? RunDirectory.list(parent: parent))?
      .first { RunLock.holder(of: $0).map { ProcessTree.descends($0, from: pid) } ?? false }
      .map {
        RunDirectory(name: $0.name, parent: parent == RunDirectory.defaultParent ? nil : parent)
      }
  }

  private func answers(_ run: RunDirectory) -> Bool {
    let reply = try? RunClient.request(
      .hello, at: RunEndpoints(run), client: ClientName.of("dino start"), timeout: 0.5)
    return reply?.outcome == .ok
  }

  /// Returns the last line of output of a daemon that has ended. Throws it if the daemon failed.
  private func exitReason(_ status: Int32) throws(Failure) -> String {
    let text = (try? WholeFile.read(output, limit: 1 << 24)).map {
      String(decoding: $0, as: UTF8.self)
    }
    try? FileSystem.removeFile(output)
    // The message is shown as this program's own.
    let line = text?.split(separator: "\n").last.map { line in
      String(line.hasPrefix("dinod: ") ? line.dropFirst("dinod: ".count) : line)
    }
    let signal = status & 0x7f
    guard signal == 0 else {
      let words = line.map { "; its last output: \($0)" } ?? ""
      throw Failure("dinod was killed by signal \(signal)\(words)", code: 128 + signal)
    }
    let code = status >> 8 & 0xff
    let words = line ?? "dinod ended without output (exit code \(code))"
    guard code == 0 else { throw Failure(words, code: code) }
    return words
  }
}
