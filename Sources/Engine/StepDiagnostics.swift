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

  /// By what the kernels have measured of a micro-batch with these losses.
  init(
    _ scalars: DiagnosticScalars, _ values: ScalarValues, _ losses: Losses, _ shape: EngineShape
  ) {
    let counts = shape.counts
    teacherEntropy = values[scalars.teacherEntropy]
    prototypesUsed =
      values[scalars.distinctPrototypes]
      / Double(min(counts.global, shape.teacher.dinoHead.prototypes))
    effectiveRank = values[scalars.effectiveRank]
    guard scalars.isDistilled else {
      agreement = values[scalars.agreement]
      return
    }
    let crossEntropy = losses.dinoGlobal * Double(counts.terms) / 2
    distillation = TeacherAgreement(
      prototypes: values[scalars.prototypeAgreement],
      clsDivergence: crossEntropy - teacherEntropy,
      patchDivergence: losses.ibot - values[scalars.patchEntropy])
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
