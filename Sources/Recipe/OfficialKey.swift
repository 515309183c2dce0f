import Settings

/// A key of the official `ssl_default_config.yaml` that decides nothing in Dino, and the reason.
///
/// No key is ignored silently. Each is either accepted with a notice, because it cannot change
/// what is computed, or restricted to the one value that Dino computes with.
package struct OfficialKey: Sendable {
  /// Which values are accepted.
  enum Rule: Sendable {
    /// Any value. The key has no effect, and a notice says so.
    case withoutEffect
    /// Only this value, which is what Dino computes with.
    case only(String)
    /// 0, or the value that the recipe gives, as in a config that the official code wrote.
    case computed(@Sendable (Recipe) -> Double)
  }

  /// A dotted name. A final `.*` stands for the whole group.
  package let name: String
  let rule: Rule
  /// Why the key decides nothing.
  package let reason: String
  /// The key that does in Dino what this one does in the official code.
  package let instead: String?

  init(_ name: String, _ rule: Rule, _ reason: String, instead: String? = nil) {
    self.name = name
    self.rule = rule
    self.reason = reason
    self.instead = instead
  }

  /// The accepted values in words.
  package var accepted: String {
    switch rule {
    case .withoutEffect: "accepted without effect"
    case .only(let value): "must be \(value.isEmpty ? "\"\"" : value)"
    case .computed: "must be 0 or the computed value"
    }
  }

  /// Returns whether a dotted name is this key or belongs to this group.
  func covers(_ other: String) -> Bool {
    guard name.hasSuffix(".*") else { return other == name }
    return other == name.dropLast(2) || other.hasPrefix(name.dropLast(1))
  }

  /// Returns the key or group that covers a dotted name; `nil` if there is none.
  package static func covering(_ name: String) -> OfficialKey? { all.first { $0.covers(name) } }
}

extension OfficialKey {
  /// All official keys that decide nothing in Dino.
  package static let all: [OfficialKey] = [
    OfficialKey(
      "MODEL.WEIGHTS", .only(""),
      "it names a checkpoint to resume from, but a run is resumed by its name; the initial "
        + "weights of a new run have another key",
      instead: "student.pretrained_weights"),
    OfficialKey(
      "compute_precision.*", .withoutEffect,
      "it sets precision and sharding over GPUs in the official code; here "
        + "train.compute_precision, train.sharding_strategy, train.param_dtype and "
        + "train.reduce_dtype decide, and weights, sums and losses are always fp32",
      instead: "train.compute_precision"),
    OfficialKey(
      "dino.koleo_loss_distributed", .only("false"),
      "KoLeo looks for neighbours within the batch of one process"),
    OfficialKey(
      "train.dataset_path", .withoutEffect,
      "it names a data set of the official code; images are read from the folder data.path",
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
      "use data.vertical_flip_probability, quarter_turns, channel_drop_probability, hed_jitter_probability"
    ),
    OfficialKey("student.qkv_bias", .only("true"), "attention always has biases"),
    OfficialKey("student.proj_bias", .only("true"), "attention always has biases"),
    OfficialKey("student.ffn_bias", .only("true"), "the FFN always has biases"),
    OfficialKey(
      "student.in_chans", .computed { Double($0.data.channels) }, "it is data.channels",
      instead: "data.channels"),
    OfficialKey(
      "student.channel_adaptive", .only("false"), "all channels are embedded together"),
    OfficialKey(
      "teacher.in_chans", .computed { Double($0.data.channels) }, "it is data.channels",
      instead: "data.channels"),
    OfficialKey(
      "teacher.channel_adaptive", .only("false"), "all channels are embedded together"),
    OfficialKey(
      "optim.lr", .computed { $0.scaledLr },
      "it is computed from optim.base_lr by optim.scaling_rule", instead: "optim.base_lr"),
    OfficialKey(
      "evaluation.*", .withoutEffect, "probe.every decides", instead: "probe.every"),
  ]

  /// Throws if the value is not accepted. Returns whether a notice is due.
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
  /// Returns whether this is a scalar of the given value: the same text, boolean or number.
  fileprivate func isText(_ value: String) -> Bool {
    guard case .scalar(let text, let plain) = content else { return false }
    guard plain, !isNull else { return text == value || (isNull && value.isEmpty) }
    return text.lowercased() == value || (Double(text).map { $0 == Double(value) } ?? false)
  }
}
