import Objective
import Optimiser
import Tensor

/// All numbers of a step that the host needs, side by side in the backend's memory, so that one read is
/// enough.
struct StepScalars {
  let all: Scalars
  /// One for each student.
  let students: [StudentScalars]

  init(_ plan: ArenaPlan, _ shape: EngineShape) {
    let each = StudentScalars.count(shape)
    let all = plan.scalars(each * shape.students.count)
    self.all = all
    students = shape.students.indices.map {
      StudentScalars(all[$0 * each..<($0 + 1) * each], shape)
    }
  }
}

/// The numbers of one student.
struct StudentScalars {
  /// One for each micro-batch.
  let losses: [LossSums]
  /// The squared norms of the gradients, one for each sub-module.
  let squaredNorms: Scalars
  let diagnostics: DiagnosticScalars

  static func count(_ shape: EngineShape) -> Int {
    shape.accumulationSteps * LossSums.count + ParameterGroups.moduleNames.count
      + DiagnosticScalars.count
  }

  fileprivate init(_ scalars: Scalars, _ shape: EngineShape) {
    let sums = shape.accumulationSteps * LossSums.count
    losses = (0..<shape.accumulationSteps).map {
      LossSums(scalars[$0 * LossSums.count..<($0 + 1) * LossSums.count])
    }
    let norms = sums..<sums + ParameterGroups.moduleNames.count
    squaredNorms = scalars[norms]
    diagnostics = DiagnosticScalars(
      scalars[norms.upperBound..<scalars.count], isDistilled: shape.frozenTeacher != nil)
  }
}
