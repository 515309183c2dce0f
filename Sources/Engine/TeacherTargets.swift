import Kernels
import Model
import Objective
import Tensor

/// The teacher's output for a rank's micro-batch.
struct TeacherTargets {
  /// The targets of CLS tokens [2·images, K]: row r is the target of the student's global crop r.
  let cls: Matrix
  /// The targets of the patches that iBOT compares.
  let patch: Matrix
  /// The patches that iBOT compares, and their weights.
  let patches: MaskedPatches
  /// The teacher's CLS features [2·images, D], in the order of the targets.
  let clsFeatures: Matrix
}

/// The memory of the teacher's logits, which become its targets, for each rank of this process.
struct TargetPlan {
  private let global: Int
  private let most: Int
  private let cls: Matrix
  private let patch: Matrix
  /// The teacher's CLS features; nil if there is one rank, for which the teacher's pass keeps them.
  private let features: Matrix?

  init(_ plan: ArenaPlan, _ shape: EngineShape) {
    let ranks = shape.ranks.local.count
    (global, most) = (shape.counts.global, shape.maskedPatches)
    (cls, patch, features) = plan.counted(as: .logitsAndTargets) {
      (
        plan.matrix(ranks * shape.counts.global, shape.teacher.dinoHead.outputs),
        plan.matrix(ranks * shape.maskedPatches, shape.teacher.patchOutputs),
        ranks == 1
          ? nil : plan.matrix(ranks * shape.counts.global, shape.teacher.backbone.embedDim)
      )
    }
  }

  /// The logits of a rank's CLS tokens.
  func cls(_ rank: Int) -> Matrix { cls.rows(rank * global..<(rank + 1) * global) }

  /// The logits of a rank's patches, of which it has `count`.
  func patch(_ rank: Int, _ count: Int) -> Matrix { patch.rows(rank * most..<rank * most + count) }

  /// Keeps the features of a rank's CLS tokens until its student has been compared with them.
  func keep(_ kernels: any Kernels, _ found: Matrix, of rank: Int) -> Matrix {
    guard let features else { return found }
    let kept = features.rows(rank * global..<(rank + 1) * global)
    kernels.copy(found.buffer, to: kept.buffer)
    return kept
  }
}
