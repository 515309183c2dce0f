import Model
import Tensor

/// The time of a step that several processes share, foretold from how long its parts compute and a model of the
/// link.
package struct StepForecast: Sendable, Equatable {
  /// Seconds of the step.
  package private(set) var seconds = 0.0
  /// Seconds of it in which a process waits for others.
  package private(set) var waiting = 0.0
  /// Foretells a step of pre-training, or of a distillation with one student.
  ///
  /// - Parameters:
  ///   - parts: those of one process's ranks, without communication.
  ///   - threads: what a process computes with. Sending takes a part of their time.
  package init(_ shape: EngineShape, _ parts: [StepPart], _ link: LinkModel, threads: Int) {
    let computing = parts.reduce(0) { $0 + $1.seconds }
    guard shape.ranks.local.count < shape.ranks.world else {
      seconds = computing
      return
    }
    let sending = StepTraffic(shape).values * LinkModel.processor / Double(threads)
    let slower = LinkModel.disturbance + sending / max(computing, 1e-9)
    var replay = StepReplay(shape, link)
    replay.play(parts, slower: slower)
    (seconds, waiting) = (replay.now, replay.waiting)
  }
}
