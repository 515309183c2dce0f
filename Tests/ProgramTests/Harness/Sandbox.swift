import Foundation
import History
import Run
import Store
import Testing
import Wire

#if canImport(Glibc)
  import Glibc
#endif

/// A home of a test's own, in which it uses the two programs as a person does. Whatever was started
/// in it ends with it.
final class Sandbox {
  let path: String
  var environment: [String: String]
  private var programs: [Program] = []

  init() {
    // Short, for sockets lie in it.
    var name = Array("/tmp/dino-XXXXXX".utf8CString)
    path = name.withUnsafeMutableBufferPointer { String(cString: mkdtemp($0.baseAddress!)) }
    // No TERM: what follows must go without a terminal.
    environment = [
      "PATH": "/usr/bin:/bin", "HOME": path, "XDG_STATE_HOME": path + "/state",
      "XDG_RUNTIME_DIR": path,
    ]
  }

  deinit {
    // Daemons that `dino start` has begun are nobody's child.
    for run in RunDirectory.list(parent: runs) {
      if let pid = RunLock.holder(of: run), pid > 0 { kill(pid, SIGKILL) }
    }
    programs = []
    try? FileManager.default.removeItem(atPath: path)
  }

  /// The folder of the runs.
  var runs: String { path + "/state/dino/runs" }

  func run(_ name: String) -> RunDirectory { RunDirectory(name: name, parent: runs) }

  /// Writes a file in the home; gives its path.
  @discardableResult
  func write(_ text: String, to name: String) throws -> String {
    let file = path + "/" + name
    try FileManager.default.createDirectory(
      atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try text.write(toFile: file, atomically: false, encoding: .utf8)
    return file
  }

  /// Starts any program in this home.
  func start(_ words: [String]) throws -> Program {
    let log = "\(path)/program-\(programs.count)"
    let program = try Program(words, environment: environment, log: log)
    programs.append(program)
    return program
  }

  /// Starts `dinod` with these words.
  func dinod(_ words: String...) throws -> Program { try dinod(words) }

  func dinod(_ words: [String]) throws -> Program { try start([Self.programs + "/dinod"] + words) }

  /// Runs `dino` with these words to its end.
  func dino(_ words: String...) throws -> Program.Ending { try dino(words) }

  func dino(_ words: [String]) throws -> Program.Ending {
    try start([Self.programs + "/dino"] + words).wait()
  }

  /// Where the two programs lie: beside the tests.
  static let programs: String = {
    let tests = try! FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    return (tests as NSString).deletingLastPathComponent
  }()
}

extension Sandbox {
  /// Begins, or takes up, a run of the small recipe in the foreground, with changes to keys, of
  /// which the last counts. `launcher`: a program, and its arguments, that starts the daemon.
  func train(
    _ name: String, _ changes: [String] = [], under launcher: [String] = []
  ) throws -> Program {
    // Written once: another daemon may be reading it.
    let file = path + "/recipe.yaml"
    if !FileManager.default.fileExists(atPath: file) {
      try write(SmallRecipe.text, to: "recipe.yaml")
    }
    let words = ["train", file, "--name", name] + changes.flatMap { ["--set", $0] }
    return try start(launcher + [Self.programs + "/dinod"] + words)
  }

  /// As `train`, until the end.
  @discardableResult
  func trainToTheEnd(_ name: String, _ changes: [String] = []) throws -> Program.Ending {
    let ending = try train(name, changes).wait()
    try #require(ending.code == 0, "\(ending)")
    return ending
  }

  func endpoints(_ name: String) -> RunEndpoints {
    RunEndpoints(
      feed: "ipc://\(path)/dino/\(name)/feed", control: "ipc://\(path)/dino/\(name)/control")
  }

  /// Asks a run's daemon; nil where it does not answer (yet).
  func ask(_ name: String, _ request: Command.Request) -> Reply? {
    try? RunClient.request(
      request, at: endpoints(name), client: "program tests", timeout: 10, patience: 10)
  }

  /// Asks a run for a change.
  func ask(_ name: String, _ change: Change) -> Reply? { ask(name, .change(change)) }

  /// Waits until a run has done a step; gives the step that it is at. A daemon that ends before
  /// fails the test.
  @discardableResult
  func waitForStep(_ step: Int, of name: String, _ daemon: Program? = nil) throws -> Int {
    try waitFor("step \(step) of \(name)") {
      if let status = ask(name, .status)?.status { return status.step >= step ? status.step : nil }
      if let daemon, !daemon.isRunning {
        let last = try HistoryReader(directory: run(name)).lastStep()
        try #require(last >= step, "\(daemon.output.suffix(1000))\(daemon.errors)")
        return last
      }
      return nil
    }
  }

  /// The process that trains a run.
  func holder(of name: String) -> Int32? { RunLock.holder(of: run(name)) }

  func events(_ name: String) throws -> [RunEvent] {
    try HistoryReader(directory: run(name)).events(limit: .max)
  }

  func checkpoints(_ name: String) -> CheckpointStore {
    CheckpointStore(directory: run(name).checkpoints)
  }

  /// Checksums of the weights and the optimiser's state at the end of a run, by file.
  func weights(_ name: String, step: Int) throws -> [String: String] {
    let checkpoint = try checkpoints(name).checkpoint(step: step)
    try checkpoint.verify()
    let tensors = checkpoint.manifest.files.filter { $0.name.hasSuffix(".safetensors") }
    try #require(tensors.count == 3)
    return Dictionary(uniqueKeysWithValues: tensors.map { ($0.name, $0.checksum) })
  }
}
