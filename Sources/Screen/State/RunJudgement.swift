import Run
import Schedule

/// What is concluded from the whole of a run, which takes longer than to draw a frame. None of it turns within a
/// second.
struct RunJudgement: Sendable {
  let health: Health
  /// Whether the run learns; `nil` for one that trains nothing.
  let learning: LearningLine?
  /// DSE by the steps of probes.
  let dense: [Point]

  /// - Parameter isTraining: whether a daemon is at work.
  init(_ record: RunRecord, isTraining: Bool) {
    health = Health(record, isTraining: isTraining)
    learning = LearningLine(record)
    let results = record.evaluations.filter { $0.name == ProbeResult.knn && $0.step > 0 }
    dense = ProbeRanking.denseScores(results)
      .map { Point(x: Double($0.key), y: $0.value) }.sorted { $0.x < $1.x }
  }
}
