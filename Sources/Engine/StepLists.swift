import Model
import Objective
import Tensor

/// Lists that every step makes anew. They stay with the engine, so that a step finds their room and
/// allocates none.
final class StepLists {
  var compared: MaskedPatches
  /// Rows of tokens that a network is asked for.
  var rows: [Int32] = []
  var students: [StudentOutcome]

  /// What the host has read of the step's numbers.
  var scalars: ScalarValues

  init(_ shape: EngineShape, scalars: Scalars) {
    compared = MaskedPatches(most: shape.maskedPatches)
    rows.reserveCapacity(shape.counts.cls + shape.maskedPatches)
    self.scalars = ScalarValues(of: scalars)
    students = shape.students.map { _ in StudentOutcome() }
  }
}
