import Objective
import Tensor

/// The teacher's output for a micro-batch.
struct TeacherTargets {
  /// The targets of CLS tokens [2·images, K], swapped: row r is the target of the student's global crop
  /// r.
  let cls: Matrix
  /// The targets of the patches that iBOT compares.
  let patch: Matrix
  /// The patches that iBOT compares, and their weights.
  let patches: MaskedPatches
  /// The teacher's CLS features [2·images, D], swapped as the targets are.
  let clsFeatures: Matrix
}
