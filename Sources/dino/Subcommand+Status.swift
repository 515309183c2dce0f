import CommandKit
import History
import Run
import Schedule
import Screen
import Support

#if canImport(Glibc)
  import Glibc
#endif

extension Subcommand {
  static let status = Subcommand(
    name: "status", operands: "[NAME]", count: 0...1,
    summary: "print the state of a run; exit code 1 if it failed or was interrupted",
    options: [
      json, Option("--follow", nil, "print a line every few seconds until the run ends"),
      Option("--every", "SECONDS", "with --follow: seconds between lines, 5 by default"),
      host, directory,
    ]
  ) { arguments in
    let run = try RunSelection.any(arguments.operands.first, arguments)
    guard arguments.has("--follow") || !arguments.has("--every") else {
      throw UsageError("--every needs --follow")
    }
    guard !(arguments.has("--follow") && arguments.has("--json")) else {
      throw UsageError("--follow and --json cannot be used together")
    }
    if arguments.has("--follow") {
      return try follow(run, every: Double(try arguments.integer("--every", in: 1...Int.max) ?? 5))
    }
    let record = try run.record()
    let summary = RunSummary(whole: record, isTraining: run.isTraining)
    print(
      arguments.has("--json")
        ? try JSONText.pretty(summary)
        : text(summary, record, Health(record, isTraining: run.isTraining)))
    return summary.isWell ? 0 : 1
  }

  /// Returns who has control of a run, if anybody has.
  private static func control(_ journal: Journal) -> [(String, String)] {
    let controller = journal.controller(at: Clock.wall())
    return controller.map { [("control", "\($0.person), until \(Format.date($0.until))")] } ?? []
  }

  /// Returns a description of a run that fits on a screen.
  private static func text(
    _ run: RunSummary, _ record: RunRecord, _ health: Health
  ) -> String {
    let status = run.status
    let phase = status.phase
    if status.kind == .curation { return curationText(run) }
    let value = { (metric: Metric) in run.values[metric].map { Format.value($0, metric) } ?? "-" }
    let loss = { (metric: Metric) in run.values[metric].map(Format.loss) ?? "-" }
    let wait = run.dataShare.map { ", \(Format.percent($0)) of it waiting for data" } ?? ""
    let part = Format.percent(Double(status.step) / Double(max(status.steps, 1)))
    var rows: [(String, String)] = [
      ("state", run.state + (run.message.map { ": \($0)" } ?? "")),
      ("step", "\(Format.count(status.step)) of \(Format.count(status.steps)) (\(part))"),
      (
        "phase",
        "\(phase.name), \(phase.index + 1) of \(phase.count), "
          + "crops of \(phase.crops())"
      ),
      (
        "model", "\(status.arch), \(Format.scaled(Double(status.parameters))) parameters"
      ),
      (
        "data",
        "\(status.data), \(Format.count(status.images, "image")), batch \(status.imagesPerStep)"
      ),
      ("loss", losses.map { "\($0.1) \(loss($0.0))" }.joined(separator: ", ")),
      ("learning", LearningLine(record)?.text ?? ""),
      ("health", health.verdict.appearance.word + ": " + health.reason),
      ("also", health.findings.dropFirst().map(\.reason).joined(separator: "; ")),
      ("rate", "\(value(.imagesPerSecond)), \(value(.gflops)), \(value(.timeStep)) a step\(wait)"),
      ("memory", "\(value(.memoryResident)) resident, arena \(value(.memoryArena))"),
    ]
    rows += control(Journal(record.journal)) + processes(status.processes ?? [])
    if let evaluation = run.evaluation { rows += probes(evaluation) }
    if run.alive, let left = status.timeLeft { rows.append(("left", Format.duration(left))) }
    if let time = run.time { rows.append(("last step", Format.date(time))) }
    rows.append(("directory", status.runDirectory))
    return status.name + "\n" + TextTable(pairs: rows.filter { !$0.1.isEmpty }).text
  }

  /// A row for each of several processes; the one that the others wait for is marked.
  private static func processes(_ all: [ProcessStatus]) -> [(String, String)] {
    let slowest = all.slowest
    return all.map { process in
      var words = ["\(process.host), pid \(process.pid)"]
      func add(_ seconds: Double?, _ what: String) {
        if let seconds { words.append("\(Format.interval(seconds)) \(what)") }
      }
      add(process.timeCompute, "computing")
      add(process.timeData, "waiting for data")
      add(process.timeNetwork, "waiting for others")
      if let sent = process.bytesSent { words.append("\(Format.bytes(Double(sent))) sent") }
      if let memory = process.memoryResident {
        words.append("\(Format.bytes(Double(memory))) resident")
      }
      if process == slowest { words.append("the others wait for it") }
      return ("process \(process.number)", words.joined(separator: ", "))
    }
  }

  private static func curationText(_ run: RunSummary) -> String {
    let (status, stage) = (run.status, run.status.phase)
    var rows: [(String, String)] = [
      ("state", run.state + (status.message.map { ": \($0)" } ?? "")),
      ("stage", "\(stage.name), \(stage.index + 1) of \(stage.count)"),
      ("done", "\(Format.count(stage.step)) of \(Format.count(stage.steps)) \(status.data)"),
      ("images", Format.count(status.images)),
    ]
    if run.alive, let left = status.timeLeft { rows.append(("left", Format.duration(left))) }
    rows.append(("directory", status.runDirectory))
    return status.name + "\n" + TextTable(pairs: rows).text
  }

  private static let losses: [(Metric, String)] = [
    (.totalLoss, "total"), (.dinoLocalCropsLoss, "local"), (.dinoGlobalCropsLoss, "global"),
    (.koleoLoss, "koleo"), (.ibotLoss, "ibot"),
  ]

  /// The rows of a probe: accuracies, if there are labels, and scores without them.
  private static func probes(_ evaluation: ProbeResult) -> [(String, String)] {
    let accuracies: [(Metric, String)] = [
      (.knnLearned, "learned"), (.knnTeacher, "teacher"), (.knnRawPixels, "raw pixels"),
      (.knnUntrained, "untrained"), (.linearLearned, "linear classifier"),
    ]
    let scores: [(Metric, String)] = [
      (.rankMe, "RankMe"), (.lidar, "LiDAR"), (.alphaReQ, "alpha"),
      (.denseSeparation, "dense separation"), (.denseDimensions, "dense dimensions"),
      (.segmentationMIoU, "mIoU of patches"), (.neighbourStability, "stability"),
    ]
    func text(_ names: [(Metric, String)], _ value: (Double, Metric) -> String) -> String {
      names.compactMap { metric, name in
        evaluation.values[metric].map { "\(name) \(value($0, metric))" }
      }.joined(separator: ", ")
    }
    let step = " (step \(Format.count(evaluation.step)))"
    return [
      ("k-NN", text(accuracies) { value, _ in Format.percent(value) }),
      (
        "features",
        text(scores) { value, metric in
          metric.unit == .count ? Format.decimals(value, 1) : Format.value(value, metric)
        }
      ),
    ].filter { !$0.1.isEmpty }.map { ($0.0, $0.1 + step) }
  }
}
