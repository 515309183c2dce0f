extension Panel {
  /// What the panel shows, in paragraphs; `nil` for panels of figures, which are explained one by one.
  var explanation: [String]? {
    switch self {
    case .pictures:
      [
        "Of each pair, the first picture is an image of the probe, and the second its patches as the network "
          + "sees them: the first three principal components of their features as red, green and blue, common to "
          + "all images.",
        "Patches of one colour have like features. Early in a run the colours are noise; then they separate "
          + "textures, and in a good model objects from what is behind them.",
        "The components are found anew at each probe, so that the same thing may have another colour at another "
          + "step: compare within a step.",
        "v shows other pictures. Attention: which patches the CLS token attends to in the last block, the mean over "
          + "heads; in a good model, the object. Neighbours: the three images whose CLS features are nearest by "
          + "cosine; they should be of the same kind. Crops: global and local crops of the last batch before the "
          + "probe, with their colour changes; what the student is not shown is blue. Crops that show nothing to "
          + "tell images apart by, or colours that hide what matters, are a fault of the recipe.",
      ]
    case .changes:
      [
        "Each line is a change of the run: when it was made, the first step that feels it, who made it, what it "
          + "was, and what became of it.",
        "u takes the last one back from now on; steps that were computed stay as they are. A resumed or "
          + "replayed run makes every change again at its step.",
      ]
    case .checkpoints:
      [
        "Each line is a saved state. Good: the step after it had finite numbers and usual gradients. A checkpoint "
          + "is kept for the rules that are named; newest are the last ones, of which session.checkpoint_keep says how many.",
        "dino export NAME writes the best one for PyTorch, dino branch begins another run from one, dino rewind "
          + "lets this run go back to one.",
      ]
    case .log:
      [
        "Each line is an event: when, after which step, of what kind, and what happened. / looks for a text.",
        "A change is logged after the step in which it was made; its text says from which step on it is felt.",
      ]
    default: nil
    }
  }
}
