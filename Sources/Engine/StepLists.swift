import Model
import Objective
import Tensor

/// Lists that every step fills anew. The engine keeps them, so that a step allocates nothing.
final class StepLists {
  /// The patches that iBOT compares, for each rank of this process.
  var compared: [MaskedPatches]
  /// The teacher's logits, then its targets, for each rank of this process.
  var cls: [Matrix] = []
  var patch: [Matrix] = []
  /// What the student of each rank of this process is compared with.
  var targets: [TeacherTargets] = []
  /// The rows of the tokens whose features a network is to return.
  var rows: [Int32] = []
  /// The numbers of all patches of the teacher's crops, if its patches have another size than the students'.
  let teacherPatches: [Int]
  var students: [StudentOutcome]

  /// The step's numbers that the host has read.
  var scalars: ScalarValues

  init(_ shape: EngineShape, scalars: Scalars) {
    let ranks = shape.ranks.local.count
    compared = (0..<ranks).map { _ in MaskedPatches(most: shape.maskedPatches) }
    cls.reserveCapacity(ranks)
    patch.reserveCapacity(ranks)
    targets.reserveCapacity(ranks)
    rows.reserveCapacity(shape.counts.cls + max(shape.maskedPatches, shape.teacherPatches))
    teacherPatches = shape.resizesTargets ? Array(0..<shape.teacherPatches) : []
    self.scalars = ScalarValues(of: scalars)
    students = shape.students.map { _ in StudentOutcome() }
  }

  /// Forgets the targets of the micro-batch before.
  func removeTargets() {
    cls.removeAll(keepingCapacity: true)
    patch.removeAll(keepingCapacity: true)
    targets.removeAll(keepingCapacity: true)
  }
}
