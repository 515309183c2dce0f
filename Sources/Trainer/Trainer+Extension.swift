import FoundationEssentials
import Recipe
import Run
import Schedule
import Support

/// Steps beyond the end of a run.
extension Trainer {
  /// The name of the phases that extend a run; further ones have a number after it.
  private static let extensionName = "more"

  /// Whether the run is in a phase that extends it, so that it was asked to go on before.
  private var isExtension: Bool {
    let phase = runtime.phase
    return phase.index > 0 && step < plan.totalSteps
      && phase.name.prefix { $0 != "-" } == Self.extensionName
  }

  /// Makes a finished run go on for so many steps, as a phase of its own that is like the last one.
  /// Must be called before `run`. Throws if the run has not finished, or if its memory does not suffice.
  ///
  /// - Parameters:
  ///   - baseLrFactor: the factor on the recipe's rate; `nil` for that of the last phase.
  ///   - client: who asks, for the journal.
  package func extend(
    by steps: Int, baseLrFactor: Double?, client: String
  ) throws(TrainerError) {
    // One whose process was lost meanwhile is told the same again.
    guard !isExtension else { return }
    guard isFinished else {
      throw .phase("\(status.name) has not finished after step \(step), so it is not extended")
    }
    let taken = Set(plan.phases.phases.map(\.name))
    let name = (1...).lazy.map { $0 == 1 ? Self.extensionName : "\(Self.extensionName)-\($0)" }
      .first { !taken.contains($0) }!
    let phase = runtime.phase.definition.continued(
      as: name, steps: steps, baseLrFactor: baseLrFactor)
    let wanted = PhaseRequest(name: name, steps: steps, baseLrFactor: baseLrFactor)
    do throws(PhaseRefusal) {
      try begin(
        [phase],
        ChangeRequest(id: UUID().uuidString, client: client, change: .phase(wanted)))
    } catch {
      // It is what it was.
      if runtime != nil { enter(.finished) }
      throw .phase("\(status.name) cannot go on: \(error.reason)")
    }
  }
}
