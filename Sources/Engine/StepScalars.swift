import Kernels
import Objective
import Optimiser
import Tensor

/// All numbers of a step that the host needs. Each rank of this process adds its own; their sum, which
/// becomes the first rank's, is side by side in the backend's memory, so that one read is enough.
struct StepScalars {
  /// One for each rank of this process.
  let ranks: [RankScalars]

  init(_ plan: ArenaPlan, _ shape: EngineShape) {
    ranks = shape.ranks.local.map { _ in RankScalars(plan, shape) }
  }

  /// The sums over all ranks, once they were reduced.
  var sums: RankScalars { ranks[0] }

  /// Sums the numbers over all ranks.
  func reduce(_ kernels: any Kernels) {
    SumTree.add(ranks.count) { kernels.add(ranks[$0].all, to: ranks[$1].all) }
    kernels.allReduceSum(sums.all)
  }
}

/// The numbers of one rank.
struct RankScalars {
  let all: Scalars
  /// One for each student.
  let students: [StudentScalars]

  fileprivate init(_ plan: ArenaPlan, _ shape: EngineShape) {
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
      scalars[norms.upperBound..<scalars.count], isDistilled: shape.frozenTeacher != nil,
      hasPrototypes: shape.objective.hasPrototypes)
  }
}
