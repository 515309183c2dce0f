import CSQLite
import Foundation
import History
import Run
import Store
import Testing
import Wire

#if canImport(Glibc)
  import Glibc
#endif

/// A home for one test, in which it uses the two programs as a user does. Everything that was
/// started in it ends with it.
final class Sandbox {
  let path: String
  var environment: [String: String]
  private var programs: [Program] = []

  init() {
    // A short path, because it contains sockets.
    var name = Array("/tmp/dino-XXXXXX".utf8CString)
    path = name.withUnsafeMutableBufferPointer { String(cString: mkdtemp($0.baseAddress!)) }
    // There is no TERM: the programs must work without a terminal.
    environment = [
      "PATH": "/usr/bin:/bin", "HOME": path, "XDG_STATE_HOME": path + "/state",
      "XDG_RUNTIME_DIR": path,
    ]
  }

  deinit {
    // Daemons that `dino start` started are not children of this process.
    for run in (try? RunDirectory.list(parent: runs)) ?? [] {
      if let pid = RunLock.holder(of: run), pid > 0 { kill(pid, SIGKILL) }
    }
    programs = []
    try? FileManager.default.removeItem(atPath: path)
  }

  /// The folder of the runs.
  var runs: String { path + "/state/dino/runs" }

  func run(_ name: String) -> RunDirectory { RunDirectory(name: name, parent: runs) }

  /// Writes a file in the home. Returns its path.
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

  /// Starts `dinod` with these arguments.
  func dinod(_ words: String...) throws -> Program { try dinod(words) }

  func dinod(_ words: [String]) throws -> Program { try start([Self.programs + "/dinod"] + words) }

  /// Runs `dino` with these arguments until it ends.
  func dino(_ words: String...) throws -> Program.Ending { try dino(words) }

  func dino(_ words: [String]) throws -> Program.Ending {
    try start([Self.programs + "/dino"] + words).wait()
  }

  /// The folder of the two programs, which is that of the tests.
  static let programs: String = {
    let tests = try! FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    return (tests as NSString).deletingLastPathComponent
  }()
}

extension Sandbox {
  /// Begins or resumes a run of the small recipe in the foreground, with changes to keys, of which
  /// the last takes precedence. `launcher` is a program, with arguments, that starts the daemon.
  func train(
    _ name: String, _ changes: [String] = [], options: [String] = [], under launcher: [String] = []
  ) throws -> Program {
    // Written once, since another daemon may be reading it.
    let file = path + "/recipe.yaml"
    if !FileManager.default.fileExists(atPath: file) {
      try write(SmallRecipe.text, to: "recipe.yaml")
    }
    let words = ["train", file, "--name", name] + changes.flatMap { ["--set", $0] } + options
    return try start(launcher + [Self.programs + "/dinod"] + words)
  }

  /// Runs `train` and waits until it ends.
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

  /// Sends a request to a run's daemon. Returns `nil` if it does not answer (yet).
  func ask(
    _ name: String, _ request: Command.Request, client: String = "program tests",
    id: String = UUID().uuidString
  ) -> Reply? {
    try? RunClient.request(
      request, at: endpoints(name), client: client, id: id, timeout: 10, patience: 10)
  }

  /// Requests a change of a run.
  func ask(_ name: String, _ change: Change) -> Reply? { ask(name, .change(change)) }

  /// Waits until a run has done a step. Returns its present step. Fails if the daemon ends before.
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

  /// Runs SQL on a run's database, as another program would.
  func sql(_ name: String, _ text: String) throws {
    var database: OpaquePointer?
    defer { sqlite3_close(database) }
    try #require(sqlite3_open(run(name).database, &database) == SQLITE_OK)
    try #require(sqlite3_exec(database, text, nil, nil, nil) == SQLITE_OK)
  }

  func checkpoints(_ name: String) -> CheckpointStore {
    CheckpointStore(directory: run(name).checkpoints)
  }

  /// Returns checksums of the weights and the optimiser's state after a step, by file.
  func weights(_ name: String, step: Int) throws -> [String: String] {
    let checkpoint = try checkpoints(name).checkpoint(step: step)
    try checkpoint.verify()
    let tensors = checkpoint.manifest.files.filter { $0.name.hasSuffix(".safetensors") }
    try #require(tensors.count == 3)
    return try Dictionary(
      uniqueKeysWithValues: tensors.map { file in
        let bytes = try Data(contentsOf: URL(fileURLWithPath: checkpoint.file(file.name)))
        return (file.name, bytes.withUnsafeBytes { Checksum.text(of: $0) })
      })
  }
}
