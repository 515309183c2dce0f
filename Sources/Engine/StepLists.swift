import Model
import Objective
import Tensor

/// Lists that every step fills anew. The engine keeps them, so that a step allocates nothing.
final class StepLists {
  var compared: MaskedPatches
  /// The rows of the tokens whose features a network is to return.
  var rows: [Int32] = []
  var students: [StudentOutcome]

  /// The step's numbers that the host has read.
  var scalars: ScalarValues

  init(_ shape: EngineShape, scalars: Scalars) {
    compared = MaskedPatches(most: shape.maskedPatches)
    rows.reserveCapacity(shape.counts.cls + shape.maskedPatches)
    self.scalars = ScalarValues(of: scalars)
    students = shape.students.map { _ in StudentOutcome() }
  }
}
