import Objective
import Tensor

/// The outcome of a step.
package struct StepOutcome: Sendable {
  /// One for each student.
  package var students: [StudentOutcome]
  package var times: StepTimes
  /// The floating-point operations of matrix products.
  package var flops: Double
}

/// The outcome of a step for one student.
package struct StudentOutcome: Sendable {
  package var losses = Losses()
  /// The weighted sum of the losses.
  package var total = 0.0
  /// The norms of the gradients before clipping, in the order of `Engine.modules`.
  package var gradientNorms: [Double] = []
  /// Whether the student was updated. It is not if a loss or gradient is not finite.
  package var updated = false
  /// nil if the step was not asked for diagnostics.
  package var diagnostics: StepDiagnostics?

  /// Sets everything from the numbers that the host has read. The list of norms keeps its memory.
  mutating func take(
    _ values: ScalarValues, _ sums: StudentScalars, _ student: Student, _ shape: EngineShape,
    _ weights: LossWeights, batches: Int, withDiagnostics: Bool
  ) {
    losses = Losses()
    diagnostics = nil
    for number in 0..<batches {
      let microBatch = MicroBatch(number, of: batches, ranks: shape.ranks.world)
      let part = Losses(sums.losses[number], values, counts: shape.counts)
      losses.add(part, share: microBatch.share)
      if withDiagnostics && microBatch.isFirst {
        diagnostics = StepDiagnostics(
          sums.diagnostics, values, part, shape, ranks: shape.ranks.world)
      }
    }
    total = losses.total(weights)
    gradientNorms.removeAll(keepingCapacity: true)
    student.optimiser.addNorms(sums.squaredNorms, values, to: &gradientNorms)
    updated = total.isFinite && gradientNorms.allSatisfy(\.isFinite)
  }
}

extension StepOutcome {
  /// Those of the first student, which most runs have only.
  package var losses: Losses { students[0].losses }
  package var total: Double { students[0].total }
  package var gradientNorms: [Double] { students[0].gradientNorms }
  package var diagnostics: StepDiagnostics? { students[0].diagnostics }
  /// Whether all students were updated.
  package var updated: Bool { students.allSatisfy(\.updated) }

  /// The mean of a number over the students.
  package func mean(_ number: (StudentOutcome) -> Double) -> Double {
    students.reduce(0) { $0 + number($1) } / Double(students.count)
  }

  /// The mean losses of the students.
  package var meanLosses: Losses {
    students.reduce(into: Losses()) { $0.add($1.losses, share: 1 / Double(students.count)) }
  }
}
