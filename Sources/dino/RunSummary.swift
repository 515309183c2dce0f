import History
import Run
import Wire

/// The facts about a run that `ls` and `status` print.
struct RunSummary: Encodable {
  /// The state that the daemon recorded, or `interrupted` if it died without recording its end.
  var state: String
  var alive: Bool
  var status: RunStatus
  /// The values of the last step.
  var values: [Metric: Double]
  /// The end of the last step, in seconds since 1970.
  var time: Double?
  var evaluation: ProbeResult?
  /// The median of each throughput metric over the run's steps, since single steps vary. `nil` if
  /// only the last step was read.
  var medians: [Metric: Double]?
  /// The fraction of all steps' time spent waiting for crops. Waits are rare and long, so a median
  /// would not show them.
  var dataShare: Double?

  enum CodingKeys: String, CodingKey {
    case state, alive, status, values, time, evaluation, medians
    case dataShare = "data_share"
  }

  /// Summarises a record of which only the last step may have been read.
  init(_ record: RunRecord, isTraining: Bool) {
    let isInterrupted = record.status.state.isAlive && !isTraining
    state = isInterrupted ? "interrupted" : record.status.state.rawValue
    alive = isTraining
    status = record.status
    values = record.samples.last?.values ?? [:]
    time = record.samples.last?.time
    evaluation = record.evaluations.last { $0.name == ProbeResult.knn }
  }

  /// Summarises a complete record, with medians.
  init(whole record: RunRecord, isTraining: Bool) {
    self.init(record, isTraining: isTraining)
    medians = [:]
    for metric in Metric.allCases where metric.group == .throughput {
      let values = record.samples.compactMap { $0[metric] }.sorted()
      if !values.isEmpty { medians?[metric] = values[values.count / 2] }
    }
    func sum(_ metric: Metric) -> Double { record.samples.reduce(0) { $0 + ($1[metric] ?? 0) } }
    if sum(.timeStep) > 0 { dataShare = sum(.timeData) / sum(.timeStep) }
  }

  /// Why the run is in its state; `nil` if there is nothing to say.
  var message: String? {
    state == "interrupted"
      ? "the daemon ended without a word, because it was killed or the machine stopped; resume the "
        + "run with: dino start \(status.name)" : status.message
  }

  /// Whether the run is alive or ended as its user intended.
  var isWell: Bool { state != "interrupted" && status.state != .failed }
}

extension FoundRun {
  /// Returns the run's record from its daemon, or else from its database.
  func record() throws -> RunRecord {
    if isTraining,
      let reply = try? RunClient.request(
        .snapshot, at: RunEndpoints(directory), client: ClientName.of("dino status"), timeout: 3),
      let snapshot = reply.snapshot
    {
      return RunRecord(snapshot: snapshot)
    }
    return try HistoryReader(directory: directory).record()
  }

  /// Returns a summary of the last step from the database. This is fast even for many long runs.
  func outline() throws -> RunSummary {
    let reader = try HistoryReader(directory: directory)
    var record = RunRecord(status: try reader.lastStatus())
    let last = try reader.lastStep()
    if last > 0 { try reader.samples(in: last...last) { record.append($0) } }
    if let evaluation = try reader.evaluations().last(where: { $0.name == ProbeResult.knn }) {
      record.append(evaluation)
    }
    return RunSummary(record, isTraining: isTraining)
  }
}
