import Settings
import Support

/// A recipe that is chosen by the data, the machine and the time, with the reason of each choice.
///
/// The rules by the number of images (prototypes, temperature) are those that published tools ship for small
/// sets; the sizes and rates are those of the recipes in `sessions`. See docs/recipes.md, "Advice".
package struct Advice: Sendable {
  /// The choices in the order of the keys.
  package let choices: [AdvisedChoice]
  /// The steps of the run.
  package let steps: Int
  /// The images of a step.
  package let batch: Int

  /// The epochs of a draft, whose step is timed before the length is known: more than any warm-up.
  private static let draft = 100_000
  /// The share of the time that is left for the probe and for what the timing did not see.
  private static let reserve = 0.1

  /// - Parameters:
  ///   - hours: how long the run may take.
  ///   - stepSeconds: the time of a step by the draft; `nil` to make the draft.
  ///   - epoch: the steps that count as an epoch.
  package init(_ facts: DataFacts, hours: Double, stepSeconds: Double?, epoch: Int = 50) {
    let sizes = AdvisedSizes(facts, hours: hours)
    batch = sizes.batch
    let epochs = stepSeconds.map {
      max(Int((1 - Self.reserve) * hours * 3600 / $0) / epoch, 2)
    }
    steps = (epochs ?? Self.draft) * epoch
    choices =
      Self.data(facts, sizes) + sizes.choices + Self.heads(facts, sizes)
      + Self.schedules(
        facts, sizes, steps, epoch: epoch, hours: hours, isTimed: stepSeconds != nil)
  }

  private static func list(_ values: [Double]) -> String {
    "[" + values.map { Format.significant($0, 4) }.joined(separator: ", ") + "]"
  }

  private static func data(_ facts: DataFacts, _ sizes: AdvisedSizes) -> [AdvisedChoice] {
    var choices = [AdvisedChoice(key: "data.path", value: quoted(facts.path), reason: text(facts))]
    func choose(_ key: String, _ value: String, _ reason: String) {
      choices.append(AdvisedChoice(key: "data." + key, value: value, reason: reason))
    }
    if let samples = facts.samples {
      let bits = samples.bits.map { "\($0) bits" } ?? "fractions"
      choose("channels", "\(samples.channels)", "as the files have, with all of their \(bits)")
    }
    if !facts.range.isEmpty {
      choose("range_min", list(facts.range.map(\.lowerBound)), "the 0.1th percentile becomes 0")
      choose("range_max", list(facts.range.map(\.upperBound)), "the 99.9th percentile becomes 1")
    }
    choose("mean", list(facts.mean), "measured")
    choose("std", list(facts.std), "measured")
    if facts.classes == 0, facts.images >= 5000 {
      choose("hold_out", "0.1", "no labels: a tenth is kept for the probe's scores")
    }
    if facts.samples == nil, facts.isGrey {
      for key in ["saturation", "hue", "grey_probability"] {
        choose(key, "0", "the images are grey")
      }
    }
    if sizes.global <= 64 {
      choose("blur", "none", "its width wipes out crops of \(sizes.global) pixels")
      if facts.samples == nil {
        choose("solarise_probability", "0", "too strong for so small crops")
      }
    }
    return choices
  }

  private static func text(_ facts: DataFacts) -> String {
    let classes = facts.classes > 0 ? "\(facts.classes) classes" : "no labels"
    return "\(facts.images) images, \(classes), shorter side \(facts.side) px at the median"
  }

  private static func quoted(_ path: String) -> String {
    "\"" + path.flatMap { $0 == "\"" || $0 == "\\" ? "\\\($0)" : "\($0)" } + "\""
  }

  /// The prototypes by the number of images.
  private static func prototypes(_ images: Int) -> Int {
    let table = [
      (20_000, 1024), (50_000, 2048), (100_000, 4096), (200_000, 16_384), (500_000, 32_768),
    ]
    return table.first { images <= $0.0 }?.1 ?? 65_536
  }

  private static func heads(_ facts: DataFacts, _ sizes: AdvisedSizes) -> [AdvisedChoice] {
    let isSmall = sizes.width <= 192
    let (count, hidden, bottleneck) = (
      prototypes(facts.images), isSmall ? 512 : 1024, isSmall ? 128 : 256
    )
    var choices: [AdvisedChoice] = []
    for group in ["dino", "ibot"] {
      choices += [
        AdvisedChoice(
          key: "\(group).head_n_prototypes", value: "\(count)",
          reason: "by the number of images: more stay unused"),
        AdvisedChoice(
          key: "\(group).head_hidden_dim", value: "\(hidden)", reason: "by the backbone's width"),
        AdvisedChoice(
          key: "\(group).head_bottleneck_dim", value: "\(bottleneck)",
          reason: "by the backbone's width"),
      ]
    }
    return choices + [
      AdvisedChoice(
        key: "ibot.loss_weight", value: facts.images <= 100_000 ? "0.5" : "1",
        reason: "patches pay late: less weight in short runs"),
      AdvisedChoice(
        key: "ibot.separate_head", value: "true", reason: "the paper's untied heads"),
    ]
  }

  private static func schedules(
    _ facts: DataFacts, _ sizes: AdvisedSizes, _ steps: Int, epoch: Int, hours: Double,
    isTimed: Bool
  ) -> [AdvisedChoice] {
    let passes = Double(steps * sizes.batch) / Double(max(facts.images, 1))
    // The average covers a fiftieth of the run.
    let momentum = min(max(1 - 50 / Double(steps), 0.98), 0.996)
    let temperature = facts.images <= 100_000 ? "0.03" : facts.images <= 500_000 ? "0.04" : "0.07"
    let every = max(steps / 20 / epoch, 1) * epoch
    let length =
      isTimed
      ? "\(steps) steps in \(short(hours)) hours by the time of a step; \(short(passes)) passes over the images"
      : "a draft"
    return [
      ("train.batch_size_per_gpu", "\(sizes.batch)", "what the rate below is for"),
      ("train.OFFICIAL_EPOCH_LENGTH", "\(epoch)", "steps that count as an epoch"),
      ("optim.epochs", "\(steps / epoch)", length),
      ("optim.warmup_epochs", "\(short(Double(steps) / Double(epoch) / 10))", "a tenth of the run"),
      ("optim.freeze_last_layer_epochs", "0.5", "a short run has no time to lose"),
      ("optim.base_lr", sizes.width <= 192 ? "1.0e-3" : "5.0e-4", "by the backbone's width"),
      ("optim.scaling_rule", "none", "the rate is for this batch"),
      ("optim.min_lr", "1.0e-5", "1 % of it at the end"),
      ("optim.weight_decay_end", "0.2", "the paper's 0.4 is for long runs"),
      ("optim.layerwise_decay", "1", "from scratch all blocks learn alike"),
      ("optim.patch_embed_lr_mult", "1", "from scratch the embedding learns, too"),
      (
        "teacher.momentum_teacher", "\((momentum * 1e4).rounded() / 1e4)",
        "the teacher averages about a fiftieth of the run"
      ),
      ("teacher.warmup_teacher_temp", temperature, "low ones keep few images from uniform targets"),
      ("teacher.teacher_temp", temperature, "the same throughout"),
      ("probe.every", "\(every)", "some twenty times in the run"),
      ("session.checkpoint_every", "\(every)", "with the probe, so that the best is kept"),
    ].map { AdvisedChoice(key: $0.0, value: $0.1, reason: $0.2) }
  }

  private static func short(_ value: Double) -> String {
    value >= 10 ? "\(Int(value.rounded()))" : "\((value * 10).rounded() / 10)"
  }

  /// Returns the recipe as a file: groups of keys, each with its reason.
  ///
  /// - Parameter given: the values of other keys, or in place of the choices.
  package func yaml(with given: [AdvisedChoice] = []) -> String {
    let kept = choices.map { choice in given.first { $0.key == choice.key } ?? choice }
    let choices = kept + given.filter { choice in !kept.contains { $0.key == choice.key } }
    func group(_ choice: AdvisedChoice) -> Substring { choice.key.prefix { $0 != "." } }
    var groups: [Substring] = []
    for choice in choices where !groups.contains(group(choice)) { groups.append(group(choice)) }
    return groups.map { name in
      "\(name):\n"
        + choices.filter { group($0) == name }.map { choice in
          let line = "  \(choice.key.dropFirst(name.count + 1)): \(choice.value)"
          return line + String(repeating: " ", count: max(40 - line.count, 1))
            + "# \(choice.reason)\n"
        }.joined()
    }.joined(separator: "\n")
  }
}
