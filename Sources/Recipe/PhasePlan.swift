import Settings

/// A phase of a run: a range of steps, and the recipe that they are computed with.
package struct Phase: Sendable, Equatable {
  /// The definition from which the phase was resolved.
  package let definition: PhaseDefinition
  /// The phase's index, from 0.
  package let index: Int
  /// The first step of the phase, from 1.
  package let first: Int
  /// The number of steps. It is less than the recipe's if another phase was begun early.
  package fileprivate(set) var steps: Int
  /// The resolved recipe of the phase, which has no phases itself.
  package let recipe: Recipe
  /// The batches and images of all earlier phases.
  package let earlierBatches: Int
  package let earlierImages: Int

  /// The phase's name.
  package var name: String { definition.name }
  /// The last step of the phase.
  package var last: Int { first + steps - 1 }

  /// Returns the number of images that the run has seen after a step of this phase.
  package func images(after step: Int) -> Int {
    earlierImages + (step - first + 1) * recipe.imagesPerStep
  }

  /// Returns the number of batches, of all ranks, that the run has computed after a step of this phase.
  package func batches(after step: Int) -> Int {
    earlierBatches + (step - first + 1) * recipe.batchesPerStep
  }
}

/// The phases of a run, without gaps, as a pure function of the recipe and of the phases that were
/// begun early.
package struct PhasePlan: Sendable, Equatable {
  /// The phases, in order.
  package private(set) var phases: [Phase] = []
  private let recipe: Recipe

  /// Creates the plan of a recipe that was read, whose phases are known to be valid.
  package init(_ recipe: Recipe) {
    self.recipe = recipe
    do throws(SettingError) {
      try append(recipe.phaseDefinitions)
    } catch {
      preconditionFailure("\(error)")
    }
  }

  /// The number of steps in the whole run.
  package var totalSteps: Int { phases.last!.last }

  /// Returns the phase of a step; the first or last phase for steps outside the run.
  package func phase(at step: Int) -> Phase {
    phases.last { $0.first <= step } ?? phases[0]
  }

  /// Returns the definitions of all phases after the given one.
  package func following(_ phase: Phase) -> [PhaseDefinition] {
    phases.dropFirst(phase.index + 1).map(\.definition)
  }

  /// Replaces everything planned from `step` on by the given phases. The current phase ends before
  /// `step`. On an error nothing changes.
  package mutating func enter(
    _ definitions: [PhaseDefinition], at step: Int
  ) throws(SettingError) {
    let before = phases
    phases.removeAll { $0.first >= step }
    if let last = phases.indices.last { phases[last].steps = step - phases[last].first }
    do throws(SettingError) {
      try append(definitions)
    } catch {
      phases = before
      throw error
    }
  }

  private mutating func append(_ definitions: [PhaseDefinition]) throws(SettingError) {
    for definition in definitions {
      let last = phases.last
      let resolved = try recipe.resolved(for: definition)
      phases.append(
        Phase(
          definition: definition, index: phases.count, first: (last?.last ?? 0) + 1,
          steps: resolved.totalSteps, recipe: resolved,
          earlierBatches: last.map { $0.batches(after: $0.last) } ?? 0,
          earlierImages: last.map { $0.images(after: $0.last) } ?? 0))
    }
  }
}
