import Objective
import Tensor

/// What a step found, of all students.
package struct StepOutcome: Sendable {
  package var students: [StudentOutcome]
  package var times: StepTimes
  package var flops: Double
}

/// What a step found of one student.
package struct StudentOutcome: Sendable {
  package var losses = Losses()
  package var total = 0.0
  /// Norms before clipping, in the order of `Engine.modules`.
  package var gradientNorms: [Double] = []
  /// False where a loss or gradient was not finite: then nothing of it was changed.
  package var updated = false
  /// nil where the step was not asked for them.
  package var diagnostics: StepDiagnostics?

  /// Takes what a step's kernels have found of the student, once the host has read it. The list of
  /// norms keeps its memory.
  mutating func take(
    _ values: ScalarValues, _ student: Student, _ shape: EngineShape, _ weights: LossWeights,
    batches: Int, ranks: Int, withDiagnostics: Bool
  ) {
    losses = Losses()
    diagnostics = nil
    for number in 0..<batches {
      let microBatch = MicroBatch(number, of: batches, ranks: ranks)
      let part = Losses(student.scalars.losses[number], values, counts: shape.counts)
      losses.add(part, share: microBatch.share)
      if withDiagnostics && microBatch.isFirst {
        diagnostics = StepDiagnostics(
          student.scalars.diagnostics, values, part, shape, ranks: ranks)
      }
    }
    total = losses.total(weights)
    gradientNorms.removeAll(keepingCapacity: true)
    student.optimiser.addNorms(student.scalars.squaredNorms, values, to: &gradientNorms)
    updated = total.isFinite && gradientNorms.allSatisfy(\.isFinite)
  }
}

extension StepOutcome {
  /// Of the first student, and for most runs the only one.
  package var losses: Losses { students[0].losses }
  package var total: Double { students[0].total }
  package var gradientNorms: [Double] { students[0].gradientNorms }
  package var diagnostics: StepDiagnostics? { students[0].diagnostics }
  /// Whether all of them learned.
  package var updated: Bool { students.allSatisfy(\.updated) }

  /// A number's mean over the students.
  package func mean(_ number: (StudentOutcome) -> Double) -> Double {
    students.reduce(0) { $0 + number($1) } / Double(students.count)
  }

  /// The students' losses, averaged.
  package var meanLosses: Losses {
    students.reduce(into: Losses()) { $0.add($1.losses, share: 1 / Double(students.count)) }
  }
}
