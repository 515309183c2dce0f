/// The kinds of trouble that a run can be in, as its metrics and probes show them.
///
/// The raw value is the name in recipes (`guard`) and in the log.
package enum Alarm: String, Sendable, CaseIterable {
  /// Every image gets the same uniform target: the entropy is at ln K, though other losses may fall.
  case uniformTargets = "uniform_targets"
  /// Every image gets the same features: the effective rank falls to almost nothing.
  case constantFeatures = "constant_features"
  /// Few prototypes are chosen by any image.
  case unusedPrototypes = "unused_prototypes"
  /// Most prototypes are copies of others.
  case copiedPrototypes = "copied_prototypes"
  /// Features of different images of a batch coincide.
  case batchTwins = "batch_twins"
  /// Gradient norms grow without bound.
  case divergence
  /// A gradient norm, or the loss, is far above its usual value.
  case spike
  /// Losses or gradients are not finite.
  case notFinite = "not_finite"
  /// Features are no better than without training.
  case noLearning = "no_learning"
  /// Features were better before, as after a thaw.
  case forgetting
  /// Steps wait for images most of the time.
  case dataWait = "data_wait"
  /// The machine has hardly any memory left.
  case memory
  /// The disk has no room for further checkpoints.
  case disk
  /// One process of several holds up the others.
  case slowRank = "slow_rank"
}

extension Alarm {
  /// What usually helps, in a few words. Commands are about the run that has the alarm.
  package var remedy: String {
    switch self {
    case .uniformTargets:
      "dino set teacher_temp to a lower value; or begin again with more images in a batch, or with "
        + "objective.kind=coding_rate, which has no prototypes (there, a higher coding_rate_weight)"
    case .constantFeatures:
      "dino set koleo_loss_weight to a higher value or lr to a lower one; dino branch goes back to a "
        + "checkpoint"
    case .unusedPrototypes:
      "train.centering=sinkhorn_knopp uses all prototypes; with few images, fewer of them "
        + "(head_n_prototypes)"
    case .copiedPrototypes: "begin again with fewer prototypes (head_n_prototypes)"
    case .batchTwins:
      "dinod curate removes copies; leave out images without content, such as empty tiles"
    case .divergence: "dino branch from a checkpoint before it, with a lower optim.base_lr"
    case .spike: "if it stays, dino set lr or clip_grad to a lower value"
    case .notFinite: "dino branch from a checkpoint before it, with a lower optim.base_lr"
    case .noLearning: "docs/small-data.md says what helps with few images and small batches"
    case .forgetting: "dino phase NAME back, dino undo, or export RUN@best"
    case .dataWait: "raise train.num_workers, or prepare smaller images (dinod images)"
    case .memory: "end other programs; the run resumes from its last checkpoint if it is killed"
    case .disk:
      "make room, or keep fewer checkpoints (session.checkpoint_keep); dino checkpoints lists them"
    case .slowRank: "see what else runs on that host, or leave it out (docs/many-machines.md)"
    }
  }
}

extension Alarm {
  /// Returns the alarm that a line of the log tells of, as `Health.line` has it; `nil` if it tells of none.
  package init?(line: String) {
    guard let found = Self.allCases.first(where: { line.contains(" (\($0.rawValue)); ") }) else {
      return nil
    }
    self = found
  }
}
