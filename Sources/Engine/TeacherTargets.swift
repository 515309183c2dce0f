import Objective
import Tensor

/// What the teacher gives the students of a micro-batch to learn from.
struct TeacherTargets {
  /// Assignments of the global crops' CLS tokens to prototypes [2·images, K], swapped: row r is what
  /// global crop r of the student is to learn.
  let cls: Matrix
  /// Those of the patches that iBOT compares.
  let patch: Matrix
  let patches: MaskedPatches
  /// The teacher's CLS features [2·images, D], swapped as the targets are.
  let clsFeatures: Matrix
}
