import Support

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
  package var batchSize: Int?
  /// The factor on the recipe's `optim.base_lr`.
  package var baseLrFactor: Double?

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

  /// The phase in words, such as `next`, `high` or `of 518 px`.
  package var summary: String {
    to ?? name ?? globalCropsSize.map { "of \($0) px" } ?? ""
  }
}

extension ChangeKind {
  /// Begins another phase.
  package static let phase = ChangeKind(
    "phase", "train at another resolution from now on",
    arguments: [
      ChangeArgument("to", "next|PHASE", .text(limit: 128), "the recipe's next phase, or its name"),
      ChangeArgument("name", "P", .text(limit: 128), "what to call the phase", option: "name"),
      ChangeArgument(
        "global_crops_size", "N", .count(1...4096), "side of the global crops, pixels",
        option: "global-size"),
      ChangeArgument(
        "local_crops_size", "N", .count(1...4096), "side of the local crops, pixels",
        option: "local-size"),
      ChangeArgument(
        "steps", "N", .count(1...100_000_000), "how many steps the phase has", option: "steps"),
      ChangeArgument(
        "batch_size", "N", .count(1...65536), "images that are computed at once", option: "batch"),
      ChangeArgument(
        "base_lr_factor", "X", .number(Double.leastNormalMagnitude...1000),
        "factor on the recipe's learning rate", option: "lr-factor"),
    ],
    make: { values in
      .phase(
        PhaseRequest(
          to: values.text("to"), name: values.text("name"),
          globalCropsSize: values.count("global_crops_size"),
          localCropsSize: values.count("local_crops_size"), steps: values.count("steps"),
          batchSize: values.count("batch_size"), baseLrFactor: values.number("base_lr_factor")))
    },
    values: { change in
      guard case .phase(let phase) = change else { return [:] }
      return ChangeValues(
        [
          "global_crops_size": phase.globalCropsSize.map(Double.init),
          "local_crops_size": phase.localCropsSize.map(Double.init),
          "steps": phase.steps.map(Double.init), "batch_size": phase.batchSize.map(Double.init),
          "base_lr_factor": phase.baseLrFactor,
        ], texts: ["to": phase.to, "name": phase.name])
    },
    words: { change in
      if case .phase(let phase) = change { phase.summary } else { "" }
    }, inverse: { _, _ in .back })

  /// Goes back to the checkpoint from before the current phase and discards the phase's steps.
  package static let back = ChangeKind(
    "back", "go back to the checkpoint from before the present phase", command: "phase back", .back)
}
