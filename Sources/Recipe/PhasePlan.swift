/// A phase in its place: a stretch of the run's steps and the recipe that they are computed with.
package struct Phase: Sendable, Equatable {
  package let definition: PhaseDefinition
  /// Its place among the phases, from 0.
  package let index: Int
  /// The first step that belongs to it, from 1.
  package let first: Int
  /// Steps that it has: fewer than its recipe's where another phase was begun early.
  package fileprivate(set) var steps: Int
  /// An ordinary recipe, in which nothing tells of phases.
  package let recipe: Recipe
  /// Batches and images that the phases before it have seen.
  package let earlierBatches: Int
  package let earlierImages: Int

  package var name: String { definition.name }
  /// The last step that belongs to it.
  package var last: Int { first + steps - 1 }

  /// Images seen after a step of this phase.
  package func images(after step: Int) -> Int {
    earlierImages + (step - first + 1) * recipe.imagesPerStep
  }

  /// Batches computed after a step of this phase.
  package func batches(after step: Int) -> Int {
    earlierBatches + (step - first + 1) * recipe.train.accumulationSteps
  }
}

/// The phases of a run, one after the other without a hole: a pure function of the recipe and of
/// what a person began early.
package struct PhasePlan: Sendable, Equatable {
  package private(set) var phases: [Phase] = []
  private let recipe: Recipe

  /// The plan of a recipe that was read, whose phases are known to be sound.
  package init(_ recipe: Recipe) {
    self.recipe = recipe
    do throws(RecipeError) {
      try append(recipe.phaseDefinitions)
    } catch {
      preconditionFailure("\(error)")
    }
  }

  package var totalSteps: Int { phases.last!.last }

  /// The phase that a step belongs to; beyond the ends the first or last one.
  package func phase(at step: Int) -> Phase {
    phases.last { $0.first <= step } ?? phases[0]
  }

  /// The definitions of what comes after a phase.
  package func following(_ phase: Phase) -> [PhaseDefinition] {
    phases.dropFirst(phase.index + 1).map(\.definition)
  }

  /// Lets other phases begin at a step; the present one ends before it, and nothing else that was
  /// planned from there on remains. On an error nothing has changed.
  package mutating func enter(
    _ definitions: [PhaseDefinition], at step: Int
  ) throws(RecipeError) {
    let before = phases
    phases.removeAll { $0.first >= step }
    if let last = phases.indices.last { phases[last].steps = step - phases[last].first }
    do throws(RecipeError) {
      try append(definitions)
    } catch {
      phases = before
      throw error
    }
  }

  private mutating func append(_ definitions: [PhaseDefinition]) throws(RecipeError) {
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
