import Kernels
import Tensor

/// The numbers of `StepDiagnostics` in the backend's memory, until the host reads them.
struct DiagnosticScalars {
  let teacherEntropy: Scalar
  let distinctPrototypes: Scalar
  let effectiveRank: Scalar
  let agreement: Scalar
  let prototypeAgreement: Scalar
  let patchEntropy: Scalar
  let batchTwins: Scalar
  let prototypesCopied: Scalar
  let targetSpread: Scalar
  let isDistilled: Bool
  /// Whether targets are distributions over prototypes.
  let hasPrototypes: Bool

  /// The number of scalars.
  static let count = 9

  init(_ scalars: Scalars, isDistilled: Bool, hasPrototypes: Bool) {
    precondition(scalars.count == Self.count)
    (teacherEntropy, distinctPrototypes, effectiveRank) = (scalars[0], scalars[1], scalars[2])
    (agreement, prototypeAgreement, patchEntropy) = (scalars[3], scalars[4], scalars[5])
    (batchTwins, prototypesCopied) = (scalars[6], scalars[7])
    targetSpread = scalars[8]
    self.isDistilled = isDistilled
    self.hasPrototypes = hasPrototypes
  }

  /// Measures the targets and the features of CLS tokens.
  ///
  /// - Parameter features: the student's, of the global crops' CLS tokens [2·images, D].
  func measure(_ kernels: any Kernels, _ features: Matrix, _ targets: TeacherTargets) {
    if hasPrototypes {
      kernels.meanEntropy(targets.cls, into: teacherEntropy)
      kernels.distinctArgmax(targets.cls, into: distinctPrototypes)
    }
    // Of each image the first crop: the two of an image may well be alike.
    kernels.twinShare(
      (isDistilled ? features : targets.clsFeatures).first(features.rows / 2), every: 1,
      cosine: Self.twinCosine, into: batchTwins)
    guard !isDistilled else {
      kernels.effectiveRank(features, into: effectiveRank)
      if hasPrototypes { kernels.meanEntropy(targets.patch, into: patchEntropy) }
      return
    }
    // A head can give every image the same target while the features below it still differ.
    if !hasPrototypes { kernels.directionSpread(targets.cls, into: targetSpread) }
    kernels.effectiveRank(targets.clsFeatures, into: effectiveRank)
    kernels.meanCentredCosine(features, targets.clsFeatures, into: agreement)
  }

  /// Features at unit length that are closer than 0.001 are twins: the crops have the same content, or none.
  private static let twinCosine: Float = 1 - 0.001 * 0.001 / 2

  /// Measures how many of some prototypes are copies of others, from their directions [K, bottleneck].
  ///
  /// Source: partial prototype collapse (Govindarajan et al. 2024), where a copy has a cosine above 0.9.
  func measureCopies(_ kernels: any Kernels, _ prototypes: Matrix?) {
    guard let prototypes else { return }
    kernels.twinShare(
      prototypes, every: max(1, prototypes.rows / 256), cosine: 0.9, into: prototypesCopied)
  }

  /// Measures, in a distillation, how well the student's outputs [2·images, K] for the global crops agree with
  /// their targets, before the loss overwrites them with its gradient: how often they have the same largest
  /// prototype, or the cosines of features.
  func measureAgreement(_ kernels: any Kernels, _ logits: Matrix, _ targets: TeacherTargets) {
    guard isDistilled else { return }
    if hasPrototypes {
      kernels.argmaxAgreement(logits, targets.cls, into: prototypeAgreement)
    } else {
      kernels.meanCentredCosine(logits, targets.cls, into: agreement)
    }
  }
}
