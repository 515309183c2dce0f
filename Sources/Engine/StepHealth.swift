import Kernels
import Tensor

/// Whether representation and targets are alive: what shows a collapse long before k-NN does.
package struct Health: Sendable, Equatable {
  /// Mean entropy of the teacher's targets for CLS tokens, in nats; ln K when all are alike.
  package var teacherEntropy: Double
  /// Prototypes that are some target's largest, as a share of as many as the batch could have.
  package var prototypesUsed: Double
  /// Directions that the teacher's CLS features use, from 1 to min(2·images, D); the student's where
  /// the teacher is frozen.
  package var effectiveRank: Double
  /// Mean cosine between student's and teacher's CLS features of an image's two crops, the batch
  /// mean taken away from each; 1 when they agree on what is special in every image. nil where a
  /// frozen teacher's features are another space.
  package var agreement: Double?
  /// How near a student has come to its frozen teacher; nil where none is frozen.
  package var distillation: TeacherAgreement?

  /// - Parameters:
  ///   - student: features whose first rows are the global crops' CLS tokens.
  ///   - lesson: the same rows of the teacher, swapped, and the targets as the losses use them.
  init(_ kernels: any Kernels, _ student: Matrix, _ lesson: Lesson, _ shape: EngineShape) {
    let (targets, taught) = (lesson.cls, lesson.taught)
    let tokens = student.first(taught.rows)
    teacherEntropy = kernels.meanEntropy(targets)
    prototypesUsed =
      Double(kernels.distinctArgmax(targets)) / Double(min(targets.rows, targets.columns))
    guard shape.frozenTeacher == nil else {
      effectiveRank = kernels.effectiveRank(tokens)
      distillation = TeacherAgreement()
      return
    }
    effectiveRank = kernels.effectiveRank(taught)
    agreement = Self.agreement(
      kernels.download(tokens.buffer), kernels.download(taught.buffer), rows: taught.rows)
  }

  /// Mean cosine of the rows of two matrices after the mean row of each is taken away.
  static func agreement(_ first: [Float], _ second: [Float], rows: Int) -> Double {
    let a = centered(first, rows: rows)
    let b = centered(second, rows: rows)
    let width = a.count / rows
    var sum = 0.0
    for row in 0..<rows {
      var (dot, aa, bb): (Float, Float, Float) = (0, 0, 0)
      for i in row * width..<(row + 1) * width {
        dot += a[i] * b[i]
        aa += a[i] * a[i]
        bb += b[i] * b[i]
      }
      sum += Double(dot / max((aa * bb).squareRoot(), 1e-12))
    }
    return sum / Double(rows)
  }

  private static func centered(_ x: [Float], rows: Int) -> [Float] {
    let width = x.count / rows
    var mean = [Float](repeating: 0, count: width)
    for (i, value) in x.enumerated() { mean[i % width] += value / Float(rows) }
    return x.enumerated().map { $1 - mean[$0 % width] }
  }
}
