/// The resolution phase that a run is in.
package struct PhaseStatus: Codable, Sendable, Equatable {
  /// The phase's name in the recipe.
  package var name: String
  /// Its place among the phases, from 0, and how many there are.
  package var index: Int
  package var count: Int
  /// Steps done in the phase, and steps it has.
  package var step: Int
  package var steps: Int
  /// Side of the global and local crops, in pixels.
  package var globalCropsSize: Int
  package var localCropsSize: Int
  /// Patches of a global crop's side; nil where the daemon does not tell.
  package var grid: Int?

  // Names on the wire and in the database are in snake case throughout.
  enum CodingKeys: String, CodingKey {
    case name, index, count, step, steps, grid
    case globalCropsSize = "global_crops_size"
    case localCropsSize = "local_crops_size"
  }

  package init(
    name: String, index: Int, count: Int, step: Int, steps: Int, globalCropsSize: Int,
    localCropsSize: Int, grid: Int? = nil
  ) {
    self.name = name
    self.index = index
    self.count = count
    self.step = step
    self.steps = steps
    self.globalCropsSize = globalCropsSize
    self.localCropsSize = localCropsSize
    self.grid = grid
  }
}
