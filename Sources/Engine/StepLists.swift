import Model
import Objective

/// Lists that every step makes anew. They stay with the engine, so that a step finds their room and
/// allocates none.
final class StepLists {
  var compared: MaskedPatches
  /// Rows of tokens that a network is asked for.
  var rows: [Int32] = []
  var students: [StudentOutcome]

  init(_ shape: EngineShape) {
    compared = MaskedPatches(most: shape.maskedPatches)
    rows.reserveCapacity(shape.counts.cls + shape.maskedPatches)
    students = shape.students.map { _ in StudentOutcome() }
  }
}
