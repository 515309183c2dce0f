import Run
import Recipe

/// The reason for which a phase cannot begin: one line for the client that requested it.
struct PhaseRefusal: Error {
  let reason: String

  init(_ reason: String) { self.reason = reason }
}

extension PhaseRequest {
  /// Returns the definitions of the requested phase and of the phases that come after it.
  func definitions(
    _ recipe: Recipe, _ plan: PhasePlan, present: Phase
  ) throws(PhaseRefusal) -> [PhaseDefinition] {
    let following = plan.following(present)
    guard let to else {
      return [try described(PhaseDefinition(name: unusedName(plan)), plan)] + following
    }
    let chosen = to == "next" ? following : recipe.phaseDefinitions.from(to)
    guard let first = chosen.first else {
      let names = recipe.phaseDefinitions.map(\.name).joined(separator: ", ")
      throw PhaseRefusal(
        to == "next"
          ? "no phase is planned after \(present.name); describe one: --global-size N --steps N"
          : "the recipe has no phase \(to.prefix(40)); its phases are \(names)")
    }
    return [try described(first, plan)] + chosen.dropFirst()
  }

  /// Throws if a requested name is invalid or belongs to another phase.
  private func check(_ name: String, _ plan: PhasePlan) throws(PhaseRefusal) {
    if let problem = PhaseDefinition.problem(ofName: name) {
      throw PhaseRefusal("the phase's name \(problem)")
    }
    if name != to, plan.phases.contains(where: { $0.name == name }) {
      throw PhaseRefusal("phase \(name) already exists; choose another --name")
    }
  }

  /// Returns a definition with the values of the request.
  private func described(
    _ phase: PhaseDefinition, _ plan: PhasePlan
  ) throws(PhaseRefusal) -> PhaseDefinition {
    guard to != nil || (globalCropsSize != nil && steps != nil) else {
      throw PhaseRefusal("a phase that the recipe does not have needs --global-size and --steps")
    }
    var phase = phase
    if let name {
      try check(name, plan)
      phase.name = name
    }
    if let steps {
      phase.steps = steps
      phase.remove("optim.epochs")
    }
    if let baseLrFactor {
      phase.baseLrFactor = baseLrFactor
      phase.remove("optim.base_lr")
    }
    let keys = [
      ("crops.global_crops_size", globalCropsSize), ("crops.local_crops_size", localCropsSize),
      ("train.batch_size_per_gpu", batchSizePerGPU),
    ]
    for (key, value) in keys { if let value { phase.set(key, String(value)) } }
    return phase
  }

  /// Returns the crop size as a name, with a number if a phase has that name already.
  private func unusedName(_ plan: PhasePlan) -> String {
    let size = "\(globalCropsSize ?? 0)px"
    let taken = Set(plan.phases.map(\.name))
    guard taken.contains(size) else { return size }
    return (2...).lazy.map { "\(size)-\($0)" }.first { !taken.contains($0) }!
  }
}

extension [PhaseDefinition] {
  /// Returns the phase with a name and those after it; empty if there is none.
  fileprivate func from(_ name: String) -> [PhaseDefinition] {
    Array(drop { $0.name != name })
  }
}
