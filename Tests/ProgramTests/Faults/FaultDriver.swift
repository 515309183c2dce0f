import Foundation

/// Runs the program `FaultDriver`, whose source says what it does, under the library `CFaults`,
/// whose header says what that does.
struct FaultDriver {
  /// What happens to one of the driver's calls.
  enum Fault: String, CaseIterable { case crash, eio, enospc, short }

  /// The folder below which calls are counted. The run is some folders further below, which do not
  /// exist at first.
  let root: String
  /// The start of the names of the files with the output and the count.
  let log: String
  /// The number of the first daemon.
  var first = 1

  /// The folder of the runs.
  var runs: String { Self.runs(in: root) }

  static func runs(in root: String) -> String { root + "/state/runs" }

  /// Runs the driver until it ends, by itself or by the fault.
  func run(fault: Fault? = nil, at call: Int = 0, record: String? = nil) throws -> Program.Ending {
    var environment = [
      "LD_PRELOAD": Sandbox.programs + "/libCFaults.so", "DINO_FAULTS_ROOT": root,
      "DINO_FAULTS_COUNT": log + ".count",
    ]
    environment["DINO_FAULTS_KIND"] = fault?.rawValue
    if fault != nil { environment["DINO_FAULTS_AT"] = "\(call)" }
    environment["DINO_FAULTS_RECORD"] = record
    for end in [".out", ".err", ".count"] { unlink(log + end) }
    return try Program(
      [Sandbox.programs + "/FaultDriver", runs, "\(first)"], environment: environment, log: log
    ).wait()
  }

  /// The letters of the calls that the last run made, if it was not killed.
  func calls() throws -> [Character] {
    Array(try String(contentsOfFile: log + ".count", encoding: .utf8))
  }
}
