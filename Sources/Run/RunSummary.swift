/// The facts about a run that lists of runs and `dino status` show.
package struct RunSummary: Codable, Sendable, Equatable {
  /// The state that the daemon recorded, or `interrupted` if it died without recording its end.
  package var state: String
  package var alive: Bool
  package var status: RunStatus
  /// The values of the last step.
  package var values: [Metric: Double]
  /// The end of the last step, in seconds since 1970.
  package var time: Double?
  package var evaluation: ProbeResult?
  /// The median of each throughput metric over the run's steps, since single steps vary. `nil` if
  /// only the last step was read.
  package var medians: [Metric: Double]?
  /// The fraction of all steps' time spent waiting for crops. Waits are rare and long, so a median
  /// would not show them.
  package var dataShare: Double?

  enum CodingKeys: String, CodingKey {
    case state, alive, status, values, time, evaluation, medians
    case dataShare = "data_share"
  }

  /// Summarises a record of which only the last step may have been read.
  package init(_ record: RunRecord, isTraining: Bool) {
    let isInterrupted = record.status.state.isAlive && !isTraining
    state = isInterrupted ? "interrupted" : record.status.state.rawValue
    alive = isTraining
    status = record.status
    values = record.samples.last?.values ?? [:]
    time = record.samples.last?.time
    evaluation = record.evaluations.last { $0.name == ProbeResult.knn }
  }

  /// Summarises a complete record, with medians.
  package init(whole record: RunRecord, isTraining: Bool) {
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
  package var message: String? {
    state == "interrupted" ? Self.interruption(of: status.name) : status.message
  }

  /// Says that a run's daemon ended without recording why.
  package static func interruption(of run: String) -> String {
    "the daemon ended without a word, because it was killed or the machine stopped; resume the "
      + "run with: dino start \(run)"
  }

  /// Whether the run is alive or ended as its user intended.
  package var isWell: Bool { state != "interrupted" && status.state != .failed }
}
