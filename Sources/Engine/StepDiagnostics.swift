import Objective
import Tensor

/// Whether representation and targets are alive: what shows a collapse long before k-NN does.
package struct StepDiagnostics: Sendable, Equatable {
  /// Mean entropy of the teacher's targets for CLS tokens, in nats; ln K when all are alike.
  package var teacherEntropy: Double
  /// Prototypes that are some target's largest, as a share of as many as the batch could have.
  package var prototypesUsed: Double
  /// Directions that the teacher's CLS features use, from 1 to min(2·images, D); the student's where
  /// the teacher is frozen.
  package var effectiveRank: Double
  /// Mean cosine between student's and teacher's CLS features of an image's two crops, the batch
  /// mean taken away from each; 1 when they agree on what is special in every image. nil where a
  /// frozen teacher's features are another space.
  package var agreement: Double?
  /// How near a student has come to its frozen teacher; nil where none is frozen.
  package var distillation: TeacherAgreement?

  /// Means over the ranks, by the sums over them of what the kernels have measured and of the losses.
  init(
    _ scalars: DiagnosticScalars, _ values: ScalarValues, _ losses: Losses, _ shape: EngineShape,
    ranks: Int
  ) {
    let counts = shape.counts
    func mean(_ scalar: Scalar) -> Double { values[scalar] / Double(ranks) }
    teacherEntropy = mean(scalars.teacherEntropy)
    prototypesUsed =
      mean(scalars.distinctPrototypes)
      / Double(min(counts.global, shape.teacher.dinoHead.prototypes))
    effectiveRank = mean(scalars.effectiveRank)
    guard scalars.isDistilled else {
      agreement = mean(scalars.agreement)
      return
    }
    let crossEntropy = losses.dinoGlobal * Double(counts.terms) / 2 / Double(ranks)
    distillation = TeacherAgreement(
      prototypes: mean(scalars.prototypeAgreement),
      clsDivergence: crossEntropy - teacherEntropy,
      patchDivergence: losses.ibot / Double(ranks) - mean(scalars.patchEntropy))
  }
}

/// How near a student has come to a frozen teacher; widths of their features may differ, prototypes
/// are the same.
package struct TeacherAgreement: Sendable, Equatable {
  /// Share of the global crops whose strongest prototype is that of their target.
  package var prototypes: Double
  /// Mean KL divergence of the student from the targets in nats, of the global crops' CLS tokens and
  /// of their patches: cross-entropy less the targets' own entropy.
  package var clsDivergence: Double
  package var patchDivergence: Double
}
