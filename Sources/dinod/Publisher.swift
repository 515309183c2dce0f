import Run
import Support
import Trainer
import Wire

#if canImport(Glibc)
  import Glibc
#endif

/// Passes the trainer's reports to the sockets and to the daemon's standard output.
final class Publisher: RunObserver {
  private let server: RunServer
  /// Whether only the sockets are told.
  private let isQuiet: Bool
  private var told = 0.0

  init(_ server: RunServer, isQuiet: Bool) { (self.server, self.isQuiet) = (server, isQuiet) }

  private func say(_ line: @autoclosure () -> String) { if !isQuiet { print(line()) } }

  func stepped(_ sample: Sample) {
    server.publish(.step(sample))
    guard sample.time - told >= 10, let loss = sample[.totalLoss] else { return }
    told = sample.time
    let rate = sample[.imagesPerSecond].map { Format.decimals($0, 1) } ?? "-"
    say("step \(sample.step)  loss \(Float(loss))  \(rate) images/s")
  }

  func changed(_ status: RunStatus) { server.publish(.status(status)) }

  func happened(_ event: RunEvent) {
    server.publish(.event(event))
    say(LogLine.text(event))
  }

  func evaluated(_ evaluation: ProbeResult) {
    server.publish(.eval(evaluation))
    let values = evaluation.values.sorted { $0.key.rawValue < $1.key.rawValue }
    say(
      "step \(evaluation.step)  "
        + values.map { "\($0.key.rawValue) \(Float($0.value))" }.joined(separator: "  "))
  }

  func journaled(_ entry: JournalEntry) { server.publish(.journal(entry)) }
  func entered(_ phase: PhaseStatus) { server.publish(.phase(phase)) }
  func planned(_ curves: [PlannedCurve]) { server.publish(.plan(curves)) }

  func applied(_ id: String, step: Int, undo: Change?, note: String?) {
    server.answer(Reply(id: id, outcome: .applied, reason: note, step: step, undo: undo))
  }

  func previewed(_ id: String, _ preview: Preview) {
    var reply = Reply(id: id, outcome: .ok)
    switch preview {
    case .phase(let phase): reply.preview = phase
    case .change(let change): reply.expected = change
    }
    server.answer(reply)
  }

  func rejected(_ id: String, reason: String) {
    server.answer(Reply(id: id, outcome: .rejected, reason: reason))
  }
}
