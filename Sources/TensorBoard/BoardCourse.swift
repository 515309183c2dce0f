import Recipe
import Run

/// Turns what happens in a run into entries of event files. It writes nothing: the same calls give the
/// same entries.
package struct BoardCourse {
  /// The last step of which there is a sample.
  private var last: Int

  /// Begins at a step: that of the checkpoint that a run resumes from, or 0.
  package init(after step: Int) { last = step }

  /// Returns the first entries of a file.
  ///
  /// - Parameters:
  ///   - recipe: The run's recipe; `nil` if it has none.
  ///   - time: When the run was begun or resumed, in seconds since 1970.
  package func begin(_ recipe: Recipe?, run: String, time: Double) -> [BoardEvent] {
    // A checkpoint's own step stays. Nothing was recorded before step 0.
    let first = BoardEvent(time: time, step: last == 0 ? 0 : last + 1, .goesOn)
    guard let recipe else { return [first] }
    let parameters = HyperParameters(recipe, run: run, time: time)
    return [first, BoardEvent(time: time, step: 0, .begun(parameters))]
  }

  /// Returns the entries of a step. One that is not after the last one means that the run went back.
  package mutating func take(_ sample: Sample) -> [BoardEvent] {
    let isBack = sample.step <= last
    last = sample.step
    let entry = BoardEvent(
      time: sample.time, step: sample.step,
      .scalars(
        Metric.allCases.compactMap { metric in sample[metric].map { (metric.tag, $0) } }))
    return isBack ? [BoardEvent(time: sample.time, step: sample.step, .goesOn), entry] : [entry]
  }

  /// Returns the entry of a probe's result. Further students of a distillation have tags of their own.
  package func take(_ result: ProbeResult) -> [BoardEvent] {
    let suffix = result.name == ProbeResult.knn ? "" : "/\(result.name)"
    let values = Metric.allCases.compactMap { metric in
      result.values[metric].map { (tag: metric.tag + suffix, value: $0) }
    }
    return [BoardEvent(time: result.time, step: result.step, .scalars(values))]
  }

  /// Returns the entry of an event. Each level has a tag, since TensorBoard keeps few texts of one.
  package func take(_ event: RunEvent) -> [BoardEvent] {
    [
      BoardEvent(
        time: event.time, step: event.step,
        .text(tag: "events/\(event.level.rawValue)", line: "\(event.kind): \(event.text)"))
    ]
  }

  /// Returns the entry of a change: none, unless the run goes back.
  package mutating func take(_ entry: JournalEntry) -> [BoardEvent] {
    guard entry.isRewound else { return [] }
    last = entry.step - 1
    return [BoardEvent(time: entry.time, step: entry.step, .goesOn)]
  }

  /// Returns the entry of a status: none, unless the run has ended.
  package func take(_ status: RunStatus, time: Double) -> [BoardEvent] {
    guard !status.state.isAlive else { return [] }
    return [BoardEvent(time: time, step: 0, .ended(isWell: status.state != .failed))]
  }
}

extension Metric {
  /// The name in TensorBoard, which shows what stands before the stroke as a group.
  package var tag: String { "\(group.rawValue)/\(rawValue)" }
}
