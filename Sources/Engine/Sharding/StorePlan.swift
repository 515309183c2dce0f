import Model
import Tensor

/// The memory of all networks' parameters.
struct StorePlan {
  /// The teacher's, which are the average of the only student or those of a frozen teacher.
  let teacher: ParameterStore
  /// Each student's, and its average's; that is nil if the teacher is the average.
  let students: [(parameters: ParameterStore, average: ParameterStore?)]

  init(_ plan: ArenaPlan, _ shape: EngineShape) {
    let isFrozen = shape.frozenTeacher != nil
    // A teacher and its only student are gathered at the same places: the teacher is not needed any more
    // when the student's pass begins.
    let students = shape.students.map { student -> Student in
      let units = ParameterUnits(student.network.layout, shape.ranks)
      guard shape.isSharded else { return Student(student.network, units, nil) }
      let gathered = plan.counted(as: .gatheredParameters) {
        GatheredUnits(
          plan, units,
          sharing: shape.sharding == .fullShard
            ? .blocksAndHeads(places: GatheredUnits.parameterPlaces) : .none,
          element: shape.gathered)
      }
      return Student(student.network, units, gathered)
    }
    // Every process has a frozen teacher whole: it has no gradients and no moments.
    teacher =
      isFrozen
      ? Student(shape.teacher, ParameterUnits(shape.teacher.layout, shape.ranks), nil)
        .store(plan, as: .teacherParameters)
      : students[0].store(plan, as: .teacherParameters)
    self.students = students.map { student in
      (
        student.store(plan, as: .studentParameters),
        isFrozen ? student.store(plan, as: .averageParameters) : nil
      )
    }
  }

  /// What the stores of a student and of its average have in common.
  private struct Student {
    let network: NetworkShape
    let units: ParameterUnits
    let gathered: GatheredUnits?

    init(_ network: NetworkShape, _ units: ParameterUnits, _ gathered: GatheredUnits?) {
      (self.network, self.units, self.gathered) = (network, units, gathered)
    }

    func store(_ plan: ArenaPlan, as purpose: MemoryPurpose) -> ParameterStore {
      let count = gathered == nil ? network.layout.count : units.shard.count
      let owned = plan.counted(as: purpose) { plan.buffer(count) }
      return ParameterStore(owned, network, units, gathered: gathered)
    }
  }
}
