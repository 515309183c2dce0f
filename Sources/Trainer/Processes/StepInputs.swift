import Crops
import Engine
import Recipe
import Run
import Support

/// Reads the inputs of the ranks of a process, and computes with them. All processes find out together
/// whether everyone has them, since a step that only some of them compute would never end.
struct StepInputs {
  let team: ProcessTeam
  let loader: BatchLoader
  let recipe: Recipe
  let shape: EngineShape
  let problems: ProblemList
  /// Is given the input of the first micro-batch of this process's first rank.
  var shown: ((StepInput) -> Void)?

  /// Returns the inputs of a micro-batch, one for each rank of this process.
  ///
  /// Throws the same on all processes if one of them has none: its own error there, `ProcessProblem`
  /// elsewhere; and `StateMismatch` if the step before has left them with different states.
  ///
  /// - Parameters:
  ///   - first: the number of the first rank's batch.
  ///   - step: how the step before went; it is told to process 0.
  ///   - heard: called with what every process reports.
  func next(
    first: Int, _ values: [Metric: Double], after step: ProcessStep?,
    heard: ([InputReport]) -> Void
  ) throws -> [StepInput] {
    var report = InputReport()
    report.step = step
    var inputs: [StepInput] = []
    var own: (any Error)?
    do {
      for rank in shape.ranks.local {
        let batch = try loader.next()
        precondition(batch.number == first + rank)
        inputs.append(
          StepInput(
            globalCrops: batch.globalCrops, localCrops: batch.localCrops, batch: batch.number,
            recipe, shape, values))
      }
    } catch {
      own = error
      report.failure = "\(error)"
      report.isOutage = error is DataOutage
    }
    report.problems = problems.take()
    let reports = team.collect(report)
    heard(reports)
    try StateMismatch.check(reports.compactMap(\.step?.checksums), of: team.processes)
    if let own { throw own }
    if let other = reports.firstIndex(where: { $0.failure != nil }) {
      throw ProcessProblem(
        number: other, reason: reports[other].failure!, isOutage: reports[other].isOutage)
    }
    return inputs
  }
}

extension StepInputs {
  /// Computes the step that process 0 has ordered, on this process's ranks.
  ///
  /// - Parameters:
  ///   - clock: measures how the step is spent. A step without inputs does not count.
  ///   - heard: called with what every process reports before a micro-batch.
  ///   - traced: called with what every process has recorded, if the step was to be.
  func compute(
    _ order: StepOrder, on engine: Engine, _ values: [Metric: Double], _ clock: inout ProcessClock,
    heard: ([InputReport]) -> Void, traced: ([[StepTrace.Span]]) -> Void
  ) throws -> StepOutcome {
    clock.begin(team.collectives)
    if order.isTraced {
      _ = team.collectives.recordTransfers(true)
      engine.trace = StepTrace()
    }
    defer {
      if order.isTraced { _ = team.collectives.recordTransfers(false) }
      engine.trace = nil
    }
    let last = clock.report()
    var scheduled = StepValues(values, recipe)
    scheduled.normLimits = order.normLimits
    let outcome = try engine.step(
      scheduled, batches: order.batches, withDiagnostics: order.withDiagnostics
    ) { turn in
      try clock.waitingForData(team.collectives) {
        let inputs = try next(
          first: order.firstBatch + turn * recipe.train.world, values,
          after: turn == 0 ? last : nil, heard: heard)
        if turn == 0, let first = inputs.first { shown?(first) }
        return inputs
      }
    }
    clock.finish(
      outcome, team.collectives,
      checksums: team.isAlone ? [:] : engine.replicaChecksums(share: engine.nextReplicaShare))
    if let trace = engine.trace {
      traced(team.collect(trace.spans(team.collectives.recordTransfers(false))))
    }
    return outcome
  }
}

/// An error of another process.
struct ProcessProblem: Error, CustomStringConvertible {
  let number: Int
  let reason: String
  /// Whether it may pass, as images that cannot be read at the moment.
  var isOutage = false

  var description: String { "process \(number): \(reason)" }
}
