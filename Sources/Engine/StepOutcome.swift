import Objective

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
  package var health: Health?

  /// Back to nothing; the norms keep their room.
  mutating func begin() {
    losses = Losses()
    gradientNorms.removeAll(keepingCapacity: true)
    (total, updated, health) = (0, false, nil)
  }
}

extension StepOutcome {
  /// Of the first student, and for most runs the only one.
  package var losses: Losses { students[0].losses }
  package var total: Double { students[0].total }
  package var gradientNorms: [Double] { students[0].gradientNorms }
  package var health: Health? { students[0].health }
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
