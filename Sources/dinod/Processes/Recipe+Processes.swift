import Recipe
import Tensor

extension Recipe {
  /// Throws if so many processes cannot share the ranks of a phase.
  func check(processes: Int) throws(RunError) {
    for phase in PhasePlan(self).phases {
      let world = phase.recipe.train.world
      guard !Ranks.allows(processes, world: world) else { continue }
      throw .processes(processes, world: world)
    }
  }
}
