/// The sizes of network and crops that suit a data set.
struct AdvisedSizes {
  /// The side of global crops, in pixels.
  let global: Int
  let batch: Int
  /// The backbone's width.
  let width: Int
  let choices: [AdvisedChoice]

  init(_ facts: DataFacts, hours: Double) {
    // Patches that leave some 50 to 64 of them in a global crop.
    let (patch, global, local): (Int, Int, Int) =
      switch facts.side {
      case ...48: (4, max(facts.side / 4 * 4, 16), max(facts.side / 8 * 4, 8))
      case ...96: (8, 64, 32)
      default: (14, 112, 56)
      }
    let isTiny = facts.side <= 48
    // Twelve blocks of 384 need many hours and images on processors.
    let isLarge = !isTiny && facts.images > 50_000 && hours >= 10
    (self.global, batch, width) = (global, isTiny ? 64 : 32, isLarge ? 384 : 192)
    let network: [(String, String, String)] =
      isTiny
      ? [
        ("student.arch", "custom", "four blocks: images of \(facts.side) px hold little more"),
        ("student.embed_dim", "192", "as ViT-Ti"), ("student.depth", "4", "see arch"),
        ("student.num_heads", "3", "64 wide each, as everywhere"),
      ]
      : [
        (
          "student.arch", isLarge ? "vit_small" : "vit_tiny",
          isLarge
            ? "many images and hours" : "what learns something in the time; vit_small is slower"
        )
      ]
    choices =
      (network + [
        ("student.patch_size", "\(patch)", "\(global / patch) x \(global / patch) patches"),
        ("student.drop_path_rate", "0", "regularises large models alone"),
        (
          "student.layerscale", isTiny ? "1" : "0.1",
          "a short run has no time to open 1.0e-05 up"
        ),
      ] + Self.crops(facts, global, local, isTiny)).map {
        AdvisedChoice(key: $0.0, value: $0.1, reason: $0.2)
      }
  }

  private static func crops(
    _ facts: DataFacts, _ global: Int, _ local: Int, _ isTiny: Bool
  ) -> [(String, String, String)] {
    let boxes = isTiny ? "smaller boxes show nothing of \(facts.side) px" : "the paper's"
    return [
      (
        "crops.global_crops_size", "\(global)",
        isTiny ? "the images' side" : "a phase may raise it later: dino phase"
      ),
      ("crops.local_crops_size", "\(local)", "half of it"),
      ("crops.local_crops_number", isTiny ? "4" : "6", "more are slower, fewer weaker"),
      ("crops.global_crops_scale", isTiny ? "[0.4, 1]" : "[0.32, 1]", boxes),
      ("crops.local_crops_scale", isTiny ? "[0.2, 0.5]" : "[0.05, 0.32]", boxes),
    ]
  }
}
