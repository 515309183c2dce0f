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
  /// Why the student was not updated; nil if it was.
  package var skip: Skip?
  /// Whether the student was updated.
  package var updated: Bool { skip == nil }
  /// nil if the step was not asked for diagnostics.
  package var diagnostics: StepDiagnostics?

  /// A reason for which a step does not update a student.
  package enum Skip: Sendable, Equatable {
    /// A loss or a gradient is not finite.
    case notFinite
    /// The norm of a sub-module's gradient is above its limit.
    case spike(module: Int, limit: Double)
  }

  /// Sets everything from the numbers that the host has read. The list of norms keeps its memory.
  mutating func take(
    _ values: ScalarValues, _ sums: StudentScalars, _ student: Student, _ shape: EngineShape,
    _ weights: LossWeights, normLimits: [Double], batches: Int, withDiagnostics: Bool
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
    guard total.isFinite && gradientNorms.allSatisfy(\.isFinite) else {
      skip = .notFinite
      return
    }
    skip = zip(gradientNorms, normLimits).enumerated().first { $1.0 > $1.1 }.map {
      .spike(module: $0, limit: $1.1)
    }
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
