/// A resolution phase of a run and its progress.
package struct PhaseStatus: Codable, Sendable, Equatable {
  /// The phase's name in the recipe.
  package var name: String
  /// The phase's index, from 0, and the number of phases.
  @Count package var index: Int
  @Count package var count: Int
  /// Steps done in the phase, and steps in total.
  @Count package var step: Int
  @Count package var steps: Int
  /// Side of the global and of the local crops, in pixels; 0 for local crops if there are none.
  @Count package var globalCropsSize: Int
  @Count package var localCropsSize: Int
  /// Patches along the side of a global crop; `nil` if the daemon does not report it.
  package var grid: Int?

  // All names on the wire and in the database are in snake case.
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

extension PhaseStatus {
  /// The sides of the crops that there are, such as `96 and 48 px`.
  package func crops(joinedBy word: String = " and ") -> String {
    [globalCropsSize, localCropsSize].filter { $0 > 0 }.map(\.description).joined(separator: word)
      + " px"
  }
}
