import History
import Run
import Wire

/// What `ls` and `status` tell of a run.
struct RunSummary: Encodable {
  /// As the daemon says; `interrupted` where it died without a word.
  var state: String
  var alive: Bool
  var status: RunStatus
  /// The last value of each metric.
  var values: [Metric: Double]
  /// When the last step ended, in seconds since 1970.
  var time: Double?
  var evaluation: Evaluation?
  /// The median of each throughput metric over the run's steps, since one step tells little; nil
  /// where only the last step was read.
  var medians: [Metric: Double]?
  /// The part of all steps' time that was spent waiting for crops: waits are rare and long, so that
  /// a median would not know them.
  var dataShare: Double?

  enum CodingKeys: String, CodingKey {
    case state, alive, status, values, time, evaluation, medians
    case dataShare = "data_share"
  }

  init(_ record: RunRecord, isAlive: Bool) {
    let isInterrupted = record.status.state.isAlive && !isAlive
    state = isInterrupted ? "interrupted" : record.status.state.rawValue
    alive = isAlive
    status = record.status
    values = record.samples.last?.values ?? [:]
    time = record.samples.last?.time
    evaluation = record.evaluations.last { $0.name == Evaluation.knn }
  }

  /// The summary of a whole record.
  init(whole record: RunRecord, isAlive: Bool) {
    self.init(record, isAlive: isAlive)
    medians = [:]
    for metric in Metric.allCases where metric.group == .throughput {
      let values = record.samples.compactMap { $0[metric] }.sorted()
      if !values.isEmpty { medians?[metric] = values[values.count / 2] }
    }
    func sum(_ metric: Metric) -> Double { record.samples.reduce(0) { $0 + ($1[metric] ?? 0) } }
    if sum(.timeStep) > 0 { dataShare = sum(.timeData) / sum(.timeStep) }
  }

  /// Whether the run came to an end that its user wanted, or is at work.
  var isWell: Bool { state != "interrupted" && status.state != .failed }
}

extension FoundRun {
  /// The run so far: from its daemon, else from its database.
  func record() throws -> RunRecord {
    if isAlive,
      let reply = try? RunClient.request(
        .snapshot, at: RunEndpoints(directory), client: ClientName.of("dino status"), timeout: 3),
      let snapshot = reply.snapshot
    {
      return RunRecord(snapshot: snapshot)
    }
    return try HistoryReader(directory: directory).record()
  }

  /// The end of the record alone, out of the database: quick even for many long runs.
  func outline() throws -> RunSummary {
    let reader = try HistoryReader(directory: directory)
    var record = RunRecord(status: try reader.lastStatus())
    let last = try reader.lastStep()
    if last > 0 { try reader.samples(in: last...last) { record.append($0) } }
    if let evaluation = try reader.evaluations().last(where: { $0.name == Evaluation.knn }) {
      record.append(evaluation)
    }
    return RunSummary(record, isAlive: isAlive)
  }
}
