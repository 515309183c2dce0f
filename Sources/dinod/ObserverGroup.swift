import Run
import Trainer

/// Several observers of a run as one. Each is told everything, in the order in which they were given.
final class ObserverGroup: RunObserver {
  private let observers: [any RunObserver]

  init(_ observers: [any RunObserver]) { self.observers = observers }

  func stepped(_ sample: Sample) { tell { $0.stepped(sample) } }
  func changed(_ status: RunStatus) { tell { $0.changed(status) } }
  func happened(_ event: RunEvent) { tell { $0.happened(event) } }
  func evaluated(_ evaluation: ProbeResult) { tell { $0.evaluated(evaluation) } }
  func pictured(_ pictures: [ProbePicture]) { tell { $0.pictured(pictures) } }
  func journaled(_ entry: JournalEntry) { tell { $0.journaled(entry) } }
  func planned(_ curves: [PlannedCurve]) { tell { $0.planned(curves) } }
  func entered(_ phase: PhaseStatus) { tell { $0.entered(phase) } }

  func applied(_ id: String, step: Int, undo: Change?, note: String?) {
    tell { $0.applied(id, step: step, undo: undo, note: note) }
  }

  func previewed(_ id: String, _ preview: Preview) { tell { $0.previewed(id, preview) } }
  func rejected(_ id: String, reason: String) { tell { $0.rejected(id, reason: reason) } }
  func findings() -> [Finding] { observers.flatMap { $0.findings() } }

  private func tell(_ what: (any RunObserver) -> Void) {
    for observer in observers { what(observer) }
  }
}
