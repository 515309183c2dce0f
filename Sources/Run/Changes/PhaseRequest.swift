/// A request to begin another phase: one that the recipe plans, or one that the request describes.
package struct PhaseRequest: Sendable, Equatable {
  /// `next` or the name of a phase of the recipe; `nil` if the other properties describe the
  /// phase.
  package var to: String?
  /// The phase's name; `nil` for the name in the recipe, or for one made from its crop size.
  package var name: String?
  /// Side of the crops in pixels; `nil` to keep the value of the phase or the recipe.
  package var globalCropsSize: Int?
  package var localCropsSize: Int?
  /// Steps of the phase, and images in a micro-batch (`train.batch_size_per_gpu`).
  package var steps: Int?
  package var batchSizePerGPU: Int?
  /// The factor on the recipe's `optim.base_lr`.
  package var baseLrFactor: Double?

  /// The steps that a phase can have, and the factors on its rate.
  package static let stepLimits = 1...100_000_000
  package static let factorLimits = Double.leastNormalMagnitude...1000

  package init(
    to: String? = nil, name: String? = nil, globalCropsSize: Int? = nil,
    localCropsSize: Int? = nil, steps: Int? = nil, batchSizePerGPU: Int? = nil,
    baseLrFactor: Double? = nil
  ) {
    self.to = to
    self.name = name
    self.globalCropsSize = globalCropsSize
    self.localCropsSize = localCropsSize
    self.steps = steps
    self.batchSizePerGPU = batchSizePerGPU
    self.baseLrFactor = baseLrFactor
  }

  /// The phase in words, such as `next`, `high` or `of 518 px`.
  package var summary: String {
    to ?? name ?? globalCropsSize.map { "of \($0) px" } ?? ""
  }
}
