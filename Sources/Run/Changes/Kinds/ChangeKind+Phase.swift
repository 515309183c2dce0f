extension ChangeKind {
  /// Begins another phase.
  package static let phase = ChangeKind(
    "phase", "train at another resolution from now on",
    arguments: [
      ChangeArgument("to", "next|PHASE", .text(limit: 128), "the recipe's next phase, or its name"),
      ChangeArgument("name", "P", .text(limit: 128), "name of the phase", option: "name"),
      ChangeArgument(
        "global_crops_size", "N", .count(1...4096), "side of the global crops, pixels",
        option: "global-size"),
      ChangeArgument(
        "local_crops_size", "N", .count(1...4096), "side of the local crops, pixels",
        option: "local-size"),
      ChangeArgument(
        "steps", "N", .count(PhaseRequest.stepLimits), "length of the phase in steps",
        option: "steps"),
      ChangeArgument(
        "batch_size_per_gpu", "N", .count(1...65536), "images per batch",
        option: "batch"),
      ChangeArgument(
        "base_lr_factor", "X", .number(PhaseRequest.factorLimits),
        "factor on the recipe's learning rate", option: "lr-factor"),
    ],
    make: { values in
      .phase(
        PhaseRequest(
          to: values.text("to"), name: values.text("name"),
          globalCropsSize: values.count("global_crops_size"),
          localCropsSize: values.count("local_crops_size"), steps: values.count("steps"),
          batchSizePerGPU: values.count("batch_size_per_gpu"),
          baseLrFactor: values.number("base_lr_factor")))
    },
    values: { change in
      guard case .phase(let phase) = change else { return [:] }
      return ChangeValues(
        [
          "global_crops_size": phase.globalCropsSize.map(Double.init),
          "local_crops_size": phase.localCropsSize.map(Double.init),
          "steps": phase.steps.map(Double.init),
          "batch_size_per_gpu": phase.batchSizePerGPU.map(Double.init),
          "base_lr_factor": phase.baseLrFactor,
        ], texts: ["to": phase.to, "name": phase.name])
    },
    words: { change in
      if case .phase(let phase) = change { phase.summary } else { "" }
    }, inverse: { _, _ in .back })

  /// Goes back to the checkpoint from before the current phase and discards the phase's steps.
  package static let back = ChangeKind(
    "back", "go back to the checkpoint before the current phase", command: "phase back", .back)
}
