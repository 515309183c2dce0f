import Objective
import Tensor

/// Statistics of features and targets that show a collapse long before k-NN accuracy does.
package struct StepDiagnostics: Sendable, Equatable {
  /// The mean entropy of the teacher's targets of CLS tokens, in nats; ln K if they are uniform. nil without
  /// prototypes.
  package var teacherEntropy: Double?
  /// The number of prototypes that are the largest of a target, as a share of the most that the batch
  /// could have; nil without prototypes.
  package var prototypesUsed: Double?
  /// The effective rank of the teacher's CLS features, from 1 to min(2·images, D); that of the student's
  /// if the teacher is frozen.
  package var effectiveRank: Double
  /// The mean cosine between the student's CLS feature of a global crop and the teacher's of the image's
  /// other one, each less the mean over the batch. In a distillation from features, that of the student's
  /// prediction and the teacher's feature of the same crop; nil in one from prototypes, since features may have
  /// another width than the teacher's.
  package var agreement: Double?
  /// The share of the images whose CLS feature coincides with that of another image of the batch.
  package var batchTwins: Double
  /// The share of the student's prototypes that are a copy of another one; nil without prototypes.
  package var prototypesCopied: Double?
  /// How much the targets of images differ, without prototypes: one less the squared length of their mean
  /// direction, 0 if all are the same. nil with prototypes, and in a distillation, whose targets are fixed.
  package var targetSpread: Double?
  /// How well the student agrees with a frozen teacher's prototypes; nil without them.
  package var distillation: TeacherAgreement?

  /// The means over the ranks, from the sums over them.
  ///
  /// - Parameter losses: of the same micro-batch.
  init(
    _ scalars: DiagnosticScalars, _ values: ScalarValues, _ losses: Losses, _ shape: EngineShape,
    ranks: Int
  ) {
    let counts = shape.counts
    func mean(_ scalar: Scalar) -> Double { values[scalar] / Double(ranks) }
    let entropy = mean(scalars.teacherEntropy)
    if scalars.hasPrototypes {
      teacherEntropy = entropy
      prototypesUsed =
        mean(scalars.distinctPrototypes)
        / Double(min(counts.global, shape.teacher.dinoHead.prototypes))
      prototypesCopied = mean(scalars.prototypesCopied)
    }
    batchTwins = mean(scalars.batchTwins)
    effectiveRank = mean(scalars.effectiveRank)
    if !scalars.hasPrototypes && !scalars.isDistilled { targetSpread = mean(scalars.targetSpread) }
    guard scalars.isDistilled && scalars.hasPrototypes else {
      agreement = mean(scalars.agreement)
      return
    }
    let crossEntropy = losses.dinoGlobal * Double(counts.terms) / 2 / Double(ranks)
    distillation = TeacherAgreement(
      prototypes: mean(scalars.prototypeAgreement),
      clsDivergence: crossEntropy - entropy,
      patchDivergence: losses.ibot / Double(ranks) - mean(scalars.patchEntropy))
  }
}

/// How well a student agrees with its frozen teacher. The widths of their features may differ, but their
/// prototypes are the same.
package struct TeacherAgreement: Sendable, Equatable {
  /// The share of the global crops whose largest logit is at the largest prototype of their target.
  package var prototypes: Double
  /// The mean KL divergence of the student's prediction from the targets in nats, of the global crops'
  /// CLS tokens and of their patches: the cross-entropy less the entropy of the targets.
  package var clsDivergence: Double
  package var patchDivergence: Double
}
