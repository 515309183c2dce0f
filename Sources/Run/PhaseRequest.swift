/// What a person asks for when another phase is to begin.
package struct PhaseRequest: Codable, Sendable, Equatable {
  /// `next`, `back` or the name of one of the recipe's phases; nil: a phase that the rest describes.
  package var to: String?
  /// How it is called; nil: the recipe's name, or its size.
  package var name: String?
  /// Sides of the crops in pixels, steps, images in a batch; nil: as the phase or recipe has it.
  package var globalCropsSize: Int?
  package var localCropsSize: Int?
  package var steps: Int?
  package var batchSize: Int?
  /// Factor on the recipe's learning rate.
  package var baseLrFactor: Double?

  enum CodingKeys: String, CodingKey {
    case to, name, steps
    case globalCropsSize = "global_crops_size"
    case localCropsSize = "local_crops_size"
    case batchSize = "batch_size"
    case baseLrFactor = "base_lr_factor"
  }

  package init(
    to: String? = nil, name: String? = nil, globalCropsSize: Int? = nil,
    localCropsSize: Int? = nil, steps: Int? = nil, batchSize: Int? = nil,
    baseLrFactor: Double? = nil
  ) {
    self.to = to
    self.name = name
    self.globalCropsSize = globalCropsSize
    self.localCropsSize = localCropsSize
    self.steps = steps
    self.batchSize = batchSize
    self.baseLrFactor = baseLrFactor
  }

  /// Whether it asks to go back before the present phase.
  package var isBack: Bool { to == "back" }
}
