import CommandKit
import History
import Run
import Screen
import Support
import Wire

#if canImport(Glibc)
  import Glibc
#endif

extension Subcommand {
  /// Prints a line about a run's progress every `interval` seconds until its daemon ends.
  /// The text is plain, for pipes and logs. Returns 0 if the run finished or was stopped, otherwise
  /// 1.
  static func follow(_ run: FoundRun, every interval: Double) throws -> Int32 {
    let session = RunSession(place: run.place, client: ClientName.of("dino status"))
    var state = RunViewState()
    var printed = -1
    var next = 0.0
    while true {
      _ = session.poll(&state, now: Clock.monotonic())
      if let record = session.record {
        let isOver = state.link == .history
        if isOver
          || (Clock.monotonic() >= next && record.status.step != printed && state.link == .live)
        {
          if record.status.step > printed { print(progressLine(record)) }
          (printed, next) = (record.status.step, Clock.monotonic() + interval)
        }
        if isOver {
          let summary = RunSummary(record, isTraining: false)
          let message = summary.status.message.map { ": \($0)" } ?? ""
          print("\(record.status.name) \(summary.state)\(message)")
          return summary.isWell ? 0 : 1
        }
      } else if let notice = state.notice {
        throw Failure(notice.text)
      }
      fflush(nil)
      var file = pollfd(fd: session.fileDescriptor, events: Int16(POLLIN), revents: 0)
      _ = Glibc.poll(&file, 1, 250)
    }
  }

  /// Returns `hash 12,288/52,000 images  530/s  left 1 min`.
  private static func curationLine(_ record: RunRecord) -> String {
    let (status, stage) = (record.status, record.status.phase)
    var parts = [
      "\(stage.name) \(Format.count(stage.step))/\(Format.count(stage.steps)) \(status.data)"
    ]
    if let rate = record.samples.last?[.imagesPerSecond] {
      parts.append("\(Format.number(rate))/s")
    }
    if let left = status.timeLeft { parts.append("left \(Format.duration(left))") }
    if status.state != .running { parts.append(status.state.rawValue) }
    return parts.joined(separator: "  ")
  }

  /// Returns `step 1,200/10,000  loss 10.23 (local …)  17.5 images/s  left 4 h 12 min  k-NN 42.1
  /// %`.
  private static func progressLine(_ record: RunRecord) -> String {
    let status = record.status
    if status.kind == .curation { return curationLine(record) }
    let sample = record.samples.last
    let value = { (metric: Metric) in sample?[metric].map(Format.loss) ?? "-" }
    var parts = [
      "step \(Format.count(status.step))/\(Format.count(status.steps))",
      "loss \(value(.totalLoss)) (local \(value(.dinoLocalCropsLoss)) "
        + "global \(value(.dinoGlobalCropsLoss)) koleo \(value(.koleoLoss)) "
        + "ibot \(value(.ibotLoss)))",
      "\(sample?[.imagesPerSecond].map(Format.number) ?? "-") images/s",
    ]
    if let left = status.timeLeft { parts.append("left \(Format.duration(left))") }
    let probe = record.evaluations.last { $0.name == ProbeResult.knn }
    if let accuracy = probe?.values[.knnLearned] {
      parts.append("k-NN \(Format.percent(accuracy))")
    } else if let rank = probe?.values[.rankMe] {
      parts.append("RankMe \(Format.decimals(rank, 1))")
    }
    if status.state != .running { parts.append(status.state.rawValue) }
    return parts.joined(separator: "  ")
  }
}
