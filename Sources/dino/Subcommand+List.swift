import CommandKit
import Control
import Run
import Screen
import Support

extension Subcommand {
  static let list = Subcommand(
    name: "ls", operands: "", count: 0...0,
    summary: "list the runs on this machine and on those of dino hosts",
    options: [
      Option("--host", "HOST", "only the runs of this host"),
      Option("--here", nil, "only the runs of this machine"), json, directory,
    ]
  ) { arguments in
    let only = arguments.value("--host")
    guard only == nil || !arguments.has("--here") else {
      throw UsageError("--host and --here cannot be used together")
    }
    let listing = try RunListing(
      host: only, withHosts: !arguments.has("--here"), folder: arguments.value("--dir"))
    let (runs, silent) = (listing.runs, listing.silent)
    let rows = RunTree(runs).rows
    if arguments.has("--json") {
      print(try JSONText.pretty(rows.map { PrintedRun($0.run) } + silent.map(PrintedRun.init)))
    } else if rows.isEmpty && silent.isEmpty {
      print("no runs yet; start one with: dino start RECIPE.yaml")
    } else {
      print(TextTable(headings, rows.map(row) + silent.map(row)).text)
    }
    return 0
  }

  private static let headings: [(title: String, side: TextTable.Side)] = [
    ("NAME", .left), ("STATE", .left), ("STEP", .right), ("OF", .right), ("LOSS", .right),
    ("K-NN", .right), ("IMAGES/S", .right), ("LAST STEP", .left),
  ]

  private static func row(_ row: RunTree.Row) -> [String] {
    let label = row.run.label
    guard case .success(let run) = row.run.summary else {
      return [row.branch + label, "unreadable", "", "", "", "", "", "see dino status \(label)"]
    }
    return [
      row.branch + label, run.state, Format.count(run.status.step), Format.count(run.status.steps),
      run.values[.totalLoss].map(Format.loss) ?? "-",
      run.evaluation?.values[.knnLearned].map(Format.percent) ?? "-",
      run.values[.imagesPerSecond].map(Format.number) ?? "-",
      run.time.map { Format.duration(Clock.wall() - $0) + " ago" } ?? "-",
    ]
  }

  /// The row of a host that did not answer, with the reason.
  private static func row(_ answer: HostSurvey.Answer) -> [String] {
    guard case .failure(let error) = answer.runs else { return [] }
    return ["\(answer.host.name):", error.hostState, "", "", "", "", "", "\(error)"]
  }
}

/// A run as `dino ls --json` prints it: what is known, or why nothing is.
private enum PrintedRun: Encodable {
  case known(RunSummary, host: String?)
  case unknown(Unknown)

  struct Unknown: Encodable {
    var name: String?
    var host: String?
    var state: String
    var error: String
  }

  init(_ run: ListedRun) {
    self =
      switch run.summary {
      case .success(let summary): .known(summary, host: run.host)
      case .failure(let error):
        .unknown(
          Unknown(name: run.name, host: run.host, state: "unreadable", error: "\(error)"))
      }
  }

  init(_ answer: HostSurvey.Answer) {
    guard case .failure(let error) = answer.runs else { preconditionFailure("it has answered") }
    self = .unknown(Unknown(host: answer.host.name, state: error.hostState, error: "\(error)"))
  }

  private enum HostKey: String, CodingKey { case host }

  func encode(to encoder: any Encoder) throws {
    switch self {
    case .known(let run, let host):
      try run.encode(to: encoder)
      var container = encoder.container(keyedBy: HostKey.self)
      try container.encodeIfPresent(host, forKey: .host)
    case .unknown(let run): try run.encode(to: encoder)
    }
  }
}
