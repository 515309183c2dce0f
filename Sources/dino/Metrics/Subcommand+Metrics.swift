import CommandKit
import Control
import History
import Run
import Screen
import Support
import Wire

extension Subcommand {
  static let metrics = Subcommand(
    name: "metrics", operands: "[NAME]", count: 0...1,
    summary: "print what a run measured at each step, for other programs",
    options: [
      Option("--csv", nil, "comma-separated values with a header, which is the default"),
      Option("--jsonl", nil, "a JSON object in each line"),
      Option("--only", "A,B", "only these metrics, in this order; by default all"),
      Option("--from", "STEP", "only from this step on"),
      Option("--every", "N", "only steps 1, 1 + N, 1 + 2 N and so on"),
      Option("--follow", nil, "go on with new ones until the run ends"),
      Option("--evaluations", nil, "the results of probes instead of steps"),
      Option("--events", nil, "what happened, instead of steps"),
      Option("--tensorboard", "DIR", "write all of it into DIR, as an event file for TensorBoard"),
      host, directory,
    ],
    details: """
      With --follow, a step that is not after the one before means that the run went back: rows from
      that step on no longer hold. The exit code is then that of dino status: 1 if the run failed or
      was interrupted. Of a run of another machine, the last 1,000 events and probes are printed.
      """
  ) { arguments in
    let run = try RunSelection.any(arguments.operands.first, arguments)
    if let folder = arguments.value("--tensorboard") {
      try refuse(besides: "--tensorboard", printing, arguments)
      let directory = try run.directory(for: "dino metrics")
      print(try BoardExport(directory: directory).write(to: FilePath.absolute(folder)))
      return 0
    }
    return try printMetrics(of: run, arguments)
  }

  /// The options that say what is printed.
  private static let printing = [
    "--csv", "--jsonl", "--only", "--from", "--every", "--follow", "--evaluations", "--events",
  ]

  private static func printMetrics(of run: FoundRun, _ arguments: Arguments) throws -> Int32 {
    if arguments.has("--jsonl") { try refuse(besides: "--jsonl", ["--csv"], arguments) }
    var kind = MetricTable.Kind.samples
    if arguments.has("--evaluations") {
      kind = .evaluations
      try refuse(besides: "--evaluations", ["--events", "--every"], arguments)
    } else if arguments.has("--events") {
      kind = .events
      try refuse(besides: "--events", ["--every"], arguments)
    }
    let printer = MetricPrinter(
      RecordedRows(run.place), try MetricTable(kind, only: arguments.value("--only")),
      arguments.has("--jsonl") ? .jsonl : .csv,
      from: try arguments.integer("--from", in: 0...Sample.steps.upperBound) ?? 0,
      every: try arguments.integer("--every", in: 1...Sample.steps.upperBound) ?? 1)
    defer { printer.output.flush() }
    guard arguments.has("--follow") else {
      let snapshot = run.isTraining ? run.snapshot() : nil
      if let snapshot {
        try printer.printHistory(upTo: snapshot)
      } else {
        try printer.printHistory()
      }
      return 0
    }
    if run.isTraining {
      try MetricFollower(place: run.place, printer: printer).follow()
    } else {
      try printer.printHistory()
    }
    // Who no longer reads has what they wanted.
    guard printer.output.isOpen else { return 0 }
    return RunSummary(whole: try run.record(), isTraining: false).isWell ? 0 : 1
  }

  /// Refuses options that have no meaning together with another.
  private static func refuse(
    besides option: String, _ others: [String], _ arguments: Arguments
  ) throws(UsageError) {
    guard let other = others.first(where: { arguments.has($0) }) else { return }
    throw UsageError("\(option) and \(other) cannot be used together")
  }
}

extension FoundRun {
  /// Returns the run so far from its daemon; `nil` if that does not answer.
  fileprivate func snapshot() -> Snapshot? {
    try? RunClient.request(
      .snapshot, at: place.endpoints, client: ClientName.of("dino metrics"), timeout: 3
    )?.snapshot
  }
}
