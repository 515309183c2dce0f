/// A key of the official `ssl_default_config.yaml` that decides nothing here, and why.
///
/// None is passed over in silence: each is either accepted with a notice, because it cannot change
/// what is computed, or held to the one value that this program computes with.
package struct OfficialKey: Sendable {
  /// What values may stand there.
  enum Rule: Sendable {
    /// Any: it has no effect, and a notice says so.
    case withoutEffect
    /// This one alone: it is what is computed. Others are refused.
    case only(String)
    /// 0, or what the recipe computes for it anyway, as in a config that the official code wrote.
    case computed(@Sendable (Recipe) -> Double)
  }

  /// A dotted name; `.*` at its end stands for the whole group.
  package let name: String
  let rule: Rule
  package let reason: String
  /// The key that does what this one does in the official code.
  package let instead: String?

  init(_ name: String, _ rule: Rule, _ reason: String, instead: String? = nil) {
    self.name = name
    self.rule = rule
    self.reason = reason
    self.instead = instead
  }

  /// What may stand there, in words.
  package var accepted: String {
    switch rule {
    case .withoutEffect: "accepted without effect"
    case .only(let value): "must be \(value.isEmpty ? "\"\"" : value)"
    case .computed: "must be 0, or what is computed for it"
    }
  }

  /// Whether a dotted name is this key or lies in this group.
  func covers(_ other: String) -> Bool {
    guard name.hasSuffix(".*") else { return other == name }
    return other == name.dropLast(2) || other.hasPrefix(name.dropLast(1))
  }

  /// The key or group that a dotted name falls under.
  package static func covering(_ name: String) -> OfficialKey? { all.first { $0.covers(name) } }
}

extension OfficialKey {
  package static let all: [OfficialKey] = [
    OfficialKey(
      "MODEL.WEIGHTS", .only(""),
      "it names a state to resume from, where a run here is taken up by its name; to begin a new one "
        + "with other weights is another key's part",
      instead: "student.pretrained_weights"),
    OfficialKey(
      "compute_precision.*", .withoutEffect,
      "how the official code rounds and shards over GPUs to save memory and time; here "
        + "train.compute_precision decides, and weights, sums and losses are always fp32",
      instead: "train.compute_precision"),
    OfficialKey(
      "dino.koleo_loss_distributed", .only("false"),
      "KoLeo looks for neighbours within the batch of one process"),
    OfficialKey(
      "train.dataset_path", .withoutEffect,
      "names a data set of the official code; data.path is the folder that images are read from",
      instead: "data.path"),
    OfficialKey(
      "train.output_dir", .withoutEffect,
      "a run writes to its run directory", instead: "session.name"),
    OfficialKey(
      "train.saveckp_freq", .withoutEffect,
      "session.checkpoint_every decides", instead: "session.checkpoint_every"),
    OfficialKey(
      "train.cache_dataset", .withoutEffect,
      "it only speeds up the start of the official code"),
    OfficialKey(
      "train.cell_augmentation", .only("false"),
      "the augmentation for microscope images is not part of this program"),
    OfficialKey("student.qkv_bias", .only("true"), "attention is computed with its biases"),
    OfficialKey("student.proj_bias", .only("true"), "attention is computed with its biases"),
    OfficialKey("student.ffn_bias", .only("true"), "the FFN is computed with its biases"),
    OfficialKey("student.in_chans", .only("3"), "images have three channels"),
    OfficialKey(
      "student.channel_adaptive", .only("false"), "images have three channels, taken together"),
    OfficialKey("teacher.in_chans", .only("3"), "images have three channels"),
    OfficialKey(
      "teacher.channel_adaptive", .only("false"), "images have three channels, taken together"),
    OfficialKey(
      "optim.lr", .computed { $0.scaledLr },
      "it is computed from optim.base_lr by optim.scaling_rule", instead: "optim.base_lr"),
    OfficialKey(
      "evaluation.*", .withoutEffect, "probe.every decides", instead: "probe.every"),
  ]

  /// Refuses a value that cannot be honoured; else says whether a notice is due.
  ///
  /// `recipe` is the recipe with all that was given.
  func accept(_ node: YAMLNode, in recipe: Recipe) throws(Refusal) -> Bool {
    switch rule {
    case .withoutEffect: return true
    case .only(let value):
      guard node.isText(value) else {
        let remedy = instead.map { "; set \($0)" } ?? ""
        throw Refusal("\(accepted), not \(node.shown): \(reason)\(remedy)")
      }
      return false
    case .computed(let value):
      let computed = value(recipe)
      guard let given = node.plainText.flatMap(Double.init),
        given == 0 || abs(given - computed) <= 1e-6 * abs(computed)
      else {
        throw Refusal(
          "must be 0 or \(computed.yaml), not \(node.shown): \(reason)"
            + (instead.map { "; set \($0)" } ?? ""))
      }
      return false
    }
  }
}

extension YAMLNode {
  /// Whether this is a scalar of the given value: the same text, truth value or number.
  fileprivate func isText(_ value: String) -> Bool {
    guard case .scalar(let text, let plain) = content else { return false }
    guard plain, !isNull else { return text == value || (isNull && value.isEmpty) }
    return text.lowercased() == value || (Double(text).map { $0 == Double(value) } ?? false)
  }
}
