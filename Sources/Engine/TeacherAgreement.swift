import Kernels
import Objective
import Tensor

/// How near a student has come to a frozen teacher; widths of their features may differ, prototypes
/// are the same.
package struct TeacherAgreement: Sendable, Equatable {
  /// Share of the global crops whose strongest prototype is that of their target.
  package internal(set) var prototypes = 0.0
  /// Mean KL divergence of the student from the targets in nats, of the global crops' CLS tokens and
  /// of their patches: cross-entropy less the targets' own entropy.
  package internal(set) var clsDivergence = 0.0
  package internal(set) var patchDivergence = 0.0
}

extension Health {
  /// Looks at a student's logits [2·images, K] of the global crops, before the loss takes their place.
  mutating func compare(_ kernels: any Kernels, _ logits: Matrix, _ lesson: Lesson) {
    guard distillation != nil else { return }
    let student = strongest(kernels.download(logits.buffer), columns: logits.columns)
    let teacher = strongest(kernels.download(lesson.cls.buffer), columns: lesson.cls.columns)
    let same = zip(student, teacher).filter { $0 == $1 }.count
    distillation?.prototypes = Double(same) / Double(logits.rows)
  }

  /// Takes the targets' entropy from the losses of a batch.
  mutating func compare(
    _ kernels: any Kernels, _ losses: Losses, _ counts: CropCounts, _ lesson: Lesson
  ) {
    guard distillation != nil else { return }
    let crossEntropy = losses.dinoGlobal * Double(counts.terms) / 2
    distillation?.clsDivergence = crossEntropy - teacherEntropy
    distillation?.patchDivergence = losses.ibot - kernels.meanEntropy(lesson.patch)
  }
}

/// The place of the largest number of each row.
private func strongest(_ values: [Float], columns: Int) -> [Int] {
  values.withUnsafeBufferPointer { values in
    stride(from: 0, to: values.count, by: columns).map { start in
      var best = start
      for i in start..<start + columns where values[i] > values[best] { best = i }
      return best - start
    }
  }
}
